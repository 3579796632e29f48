import type { ServicesAttack } from "../attack.ts";
import { attempt, isToldWhy, type Seen } from "../support/attempt.ts";
import { many } from "../support/many.ts";

const ATTEMPTS = 2_000;
const AT_A_TIME = 40;

/** Queries that no connection can be made of. */
const FATAL: readonly string[] = [
  "user_id=a%2Fb",
  "user_id=%00",
  `user_id=${"x".repeat(300)}`,
  "user_id=one&user_id=two",
  "user_id=%ff",
  "token=abc.def.ghi",
  `token=${"x".repeat(1_500)}`,
];

/** Queries of which a part is no good: the connection goes on without it. */
const PARTIAL: readonly string[] = [
  "since=token_updates",
  "since=token_updates@e:-1",
  "since=token_updates@e:9999999999999999999999",
  `subscriptions=${Array.from({ length: 400 }, (_, n) => `t${n}`).join(",")}`,
  "subscriptions=token:not-an-address",
];
const QUERIES = [...FATAL, ...PARTIAL];

const isExplained = (query: string, seen: Seen): boolean =>
  PARTIAL.includes(query)
    ? seen.types[0] === "connected" && seen.types.includes("error")
    : isToldWhy(seen) && seen.code >= 3_500;

/** Connections with queries and tokens that are no good, as fast as they are refused; a browser must learn why. */
export const badQueries: ServicesAttack = {
  name: "clients/bad-queries",
  scene: "services",
  on: "gateway",
  async strike({ gateway }, size) {
    const attempts = Math.max(QUERIES.length, size.count(ATTEMPTS));
    const explained = new Set<string>();
    const unexplained = new Map<string, string>();
    let limited = 0;
    await many(attempts, AT_A_TIME, async (index) => {
      const query = QUERIES[index % QUERIES.length] ?? "";
      if (unexplained.has(query)) return;
      const seen = await attempt(gateway.port, query);
      if (seen === null) limited += 1;
      else if (isExplained(query, seen)) explained.add(query);
      else unexplained.set(query, `${seen.types.join(", ")} ${seen.code} '${seen.reason}'`);
    });
    return {
      tries: attempts,
      what: `${explained.size} of ${QUERIES.length} kinds explained to a browser, ${limited} attempts limited`,
      problems: [...unexplained].map(
        ([query, how]) => `a browser does not learn why (${how}): ${query.slice(0, 60)}`,
      ),
    };
  },
};
