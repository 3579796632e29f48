import { address, isTopic, isUserId, splitTopic, USER_ID_RULE, type Topic } from "@commcoin/protocol";

/** More would be a mistake, and every connection of that user would carry it. */
const TOPICS_MAX = 256;
const WALLETS_MAX = 32;

/** No token is meant for so many seconds; as milliseconds they were over in 2001. Taken as seconds they would never be. */
const MILLISECONDS = 1e12;

/** Where a token says who it is about (RFC 7519, section 4.1.2). */
export const SUBJECT_CLAIM = "sub";

/** Which topics a connection may ask for. */
export interface TopicRules {
  readonly topics: ReadonlySet<Topic>;
  /** Names whose topics are all allowed, from patterns such as `token:*`. */
  readonly names: ReadonlySet<string>;
}

/** Who a token says that somebody is. */
export interface Identity {
  readonly userId: string;
  /** Unix seconds; null when the token does not expire. */
  readonly expiresAt: number | null;
  /** null for all public ones. */
  readonly topics: TopicRules | null;
  /** Addresses of the accounts that the user owns. */
  readonly wallets: readonly string[];
}

/** What a connection has whose token was verified. */
export interface Credentials extends Identity {
  /** When the token expires, in milliseconds by the clock that only grows: when the system's clock is set, nobody is thrown out, and nobody stays longer. */
  readonly deadline: number;
}

export const allowsTopic = (rules: TopicRules | null, topic: Topic): boolean =>
  rules === null || rules.topics.has(topic) || rules.names.has(splitTopic(topic).name);

const isTextList = (value: unknown, max: number): value is readonly string[] =>
  Array.isArray(value) && value.length <= max && value.every((item) => typeof item === "string");

function readTopics(claim: readonly string[]): TopicRules | null {
  const topics = new Set<Topic>();
  const names = new Set<string>();
  for (const text of claim) {
    const name = text.endsWith(":*") ? text.slice(0, -2) : null;
    if (name !== null && isTopic(name) && !name.includes(":")) names.add(name);
    else if (name === null && isTopic(text)) topics.add(text);
    else return null;
  }
  return { topics, names };
}

/**
 * Reads the claims that concern the gateway: that of the user, `exp`, `topics`, `wallets`.
 * @param userClaim where the user is. A whole number counts as its digits, but not in `sub`, which is a string (RFC 7519).
 * @returns a short reason when the token cannot be used, whoever signed it.
 */
export function readIdentity(
  claims: Readonly<Record<string, unknown>>,
  userClaim: string = SUBJECT_CLAIM,
): Identity | string {
  const { exp, topics, wallets = [] } = claims;
  const claim = Object.hasOwn(claims, userClaim) ? claims[userClaim] : undefined;
  if (claim === undefined) return `the token has no ${userClaim}, which says who the user is`;
  const user = userClaim !== SUBJECT_CLAIM && Number.isSafeInteger(claim) ? `${claim as number}` : claim;
  if (typeof user !== "string" || !isUserId(user)) return `${userClaim} must be ${USER_ID_RULE}`;
  if (exp !== undefined && (typeof exp !== "number" || !Number.isFinite(exp) || exp < 0))
    return "exp must be Unix seconds";
  if (exp !== undefined && exp >= MILLISECONDS) return "exp must be Unix seconds, not milliseconds";
  let rules: TopicRules | null = null;
  if (topics !== undefined) {
    rules = isTextList(topics, TOPICS_MAX) ? readTopics(topics) : null;
    if (rules === null) return `topics must be at most ${TOPICS_MAX} topics or patterns such as token:*`;
  }
  if (!isTextList(wallets, WALLETS_MAX) || !wallets.every((text) => address.safeParse(text).success))
    return `wallets must be at most ${WALLETS_MAX} account addresses`;
  return {
    userId: user,
    expiresAt: exp === undefined ? null : Math.floor(exp),
    topics: rules,
    wallets: [...new Set(wallets)],
  };
}
