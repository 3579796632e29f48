import type { ServicesAttack } from "../attack.ts";
import { attempt, isToldWhy } from "../support/attempt.ts";
import { many } from "../support/many.ts";
import { token, unsigned } from "../support/tokens.ts";

const ATTEMPTS = 3_000;
const AT_A_TIME = 40;
const ANSWERABLE_CHARS = 1_500;
/** With the frame around it just below what a frame may have: no request of ours, and refused like any other wrong one. */
const HUGE_CHARS = 65_000;

const me = { sub: "attacker" };
const seconds = (): number => Math.floor(Date.now() / 1_000);

/** Tokens that let nobody in. */
const TOKENS: Readonly<Record<string, () => string>> = {
  "signed with another secret": () => token(me, { secret: "another secret, of the attacker" }),
  expired: () => token({ ...me, exp: seconds() - 3_600 }),
  "not valid yet": () => token({ ...me, nbf: seconds() + 3_600 }),
  "alg none": () => unsigned(me, { alg: "none" }),
  "alg None, and a kid": () => unsigned(me, { alg: "None", kid: "../../dev/null" }),
  "alg of another kind of key": () => token(me, { header: { alg: "RS256" } }),
  "wrong secret, and a kid that nobody has": () =>
    token(me, { secret: "x".repeat(64), header: { kid: "x".repeat(500) } }),
  "of nobody": () => token({ exp: seconds() + 60 }),
  "of a number": () => token({ sub: 7 }),
  "with a user that is none": () => token({ sub: "a/b\u202e" }),
  "with a date that is none": () => token({ ...me, exp: "tomorrow" }),
  "with claims that are a list": () => token([me]),
  "no token": () => "a.b.c",
  "nothing of it": () => "%00",
  deep: () => `${"[".repeat(ANSWERABLE_CHARS)}.${"]".repeat(ANSWERABLE_CHARS)}.`,
  huge: () => token({ ...me, padding: "x".repeat((HUGE_CHARS * 3) / 4 - 200) }, { secret: "x".repeat(64) }),
  "huge, and nothing but letters": () => "x".repeat(HUGE_CHARS),
};
const isHuge = (text: string): boolean => text.length > HUGE_CHARS / 2;
const KINDS = Object.keys(TOKENS);

/** Tokens of every wrong kind, in the URL and in the first frame; everybody is told why, and a right one lets in. */
export const tokenStorm: ServicesAttack = {
  name: "clients/token-storm",
  scene: "tokens",
  on: "gateway",
  async strike({ gateway, query }, size) {
    const attempts = Math.max(KINDS.length * 2, size.count(ATTEMPTS));
    const untold = new Map<string, string>();
    let limited = 0;
    await many(attempts, AT_A_TIME, async (index) => {
      const kind = KINDS[index % KINDS.length] ?? "";
      const text = TOKENS[kind]?.() ?? "";
      // What does not fit into a URL comes in a frame.
      const inUrl = Math.floor(index / KINDS.length) % 2 === 0 && text.length <= ANSWERABLE_CHARS;
      const seen = inUrl
        ? await attempt(gateway.port, `token=${encodeURIComponent(text)}`)
        : await attempt(gateway.port, "", {
            first: JSON.stringify({ type: "auth", data: { token: text } }),
            staysOpen: isHuge(text),
          });
      if (seen === null) limited += 1;
      else if (!(isHuge(text) ? seen.types[0] === "error" : isToldWhy(seen)))
        untold.set(kind, `${seen.types.join(", ")} ${seen.code} '${seen.reason}'`);
    });
    // One bad topic, so that the attempt ends by itself.
    const right = await attempt(gateway.port, `${query("honest")}&subscriptions=No,Topic`);
    return {
      tries: attempts,
      what: `${KINDS.length - untold.size} of ${KINDS.length} kinds told why, ${limited} attempts limited`,
      problems: [
        ...[...untold].map(([kind, how]) => `a token ${kind} was answered with ${how}`),
        ...(right?.types[0] === "connected" ? [] : ["the right token was refused afterwards"]),
      ],
    };
  },
};
