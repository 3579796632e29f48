import { z } from "zod";

const WILDCARD = /^(https?:\/\/)\*\.([a-z0-9.-]+(?::\d{1,5})?)$/;

/** `https://app.example.com`, or `https://*.example.com` for everything below it. */
export const originPattern = z.string().transform((given, context) => {
  const text = given.toLowerCase();
  const plain = text.replace("://*.", "://any.");
  if (URL.canParse(plain) && new URL(plain).origin === plain && !plain.slice(8).includes("*")) return text;
  context.addIssue({
    code: "custom",
    message: "must be origins such as https://app.example.com or https://*.example.com, without a path",
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
    const origin = given.toLowerCase();
    if (patterns.length === 0 || origin === "" || exact.has(origin)) return true;
    return below.some(
      ({ scheme, suffix }) =>
        origin.startsWith(scheme) &&
        origin.endsWith(suffix) &&
        /^[a-z0-9.-]+$/.test(origin.slice(scheme.length, -suffix.length)),
    );
  };
}
