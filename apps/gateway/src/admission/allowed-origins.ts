import { z } from "zod";

const WILDCARD = /^(https?:\/\/)\*\.([a-z0-9.-]+(?::\d{1,5})?)$/;
/** Of apps, extensions and shells, which name themselves as they like: `capacitor://localhost`, `file://`. */
const APP = /^(?!(?:https?|wss?|javascript|data|blob):)[a-z][a-z0-9+.-]*:\/\/[^\s/?#@\\*,]*$/;
/** What browsers send for pages without an origin: of files, of sandboxed frames. */
const OPAQUE = "null";

const isWeb = (text: string): boolean => /^https?:/i.test(text);

/** `https://app.example.com`, `https://*.example.com` for everything below it, `capacitor://localhost`, or `null`. */
export const originPattern = z.string().transform((given, context) => {
  if (given === OPAQUE || APP.test(given)) return given;
  const text = given.toLowerCase();
  const plain = text.replace("://*.", "://any.");
  if (
    isWeb(text) &&
    URL.canParse(plain) &&
    new URL(plain).origin === plain &&
    !plain.slice(8).includes("*")
  ) {
    return text;
  }
  context.addIssue({
    code: "custom",
    message:
      "must be origins as browsers send them, without a path: https://app.example.com, https://*.example.com, capacitor://localhost or null; nothing at all allows any",
  });
  return z.NEVER;
});

/**
 * Tells whether a page of this origin may connect. Browsers always send one, and pages cannot change it; other programs send
 * what they like, or none, so that refusing them here would protect nobody.
 * @param patterns as `originPattern` reads them; none allow every origin.
 */
export function createOriginCheck(patterns: readonly string[]): (origin: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes("*")));
  const below = patterns.flatMap((pattern) => {
    const [, scheme, domain] = WILDCARD.exec(pattern) ?? [];
    return scheme === undefined || domain === undefined ? [] : [{ scheme, suffix: `.${domain}` }];
  });
  return (given) => {
    // Of other schemes the host is whatever the app calls it, in its case.
    const origin = isWeb(given) ? given.toLowerCase() : given;
    if (patterns.length === 0 || origin === "" || exact.has(origin)) return true;
    return below.some(
      ({ scheme, suffix }) =>
        origin.startsWith(scheme) &&
        origin.endsWith(suffix) &&
        /^[a-z0-9.-]+$/.test(origin.slice(scheme.length, -suffix.length)),
    );
  };
}
