import { WebSocket } from "ws";
import type { ServicesAttack } from "../attack.ts";
import { many } from "../support/many.ts";

const ATTEMPTS = 2_000;
const AT_A_TIME = 40;
const TOLD_WITHIN_MS = 10_000;
const HEAD_CHARS = 300;

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

/** What a browser can see of an attempt. */
interface Seen {
  readonly opened: boolean;
  /** Types of the first frames. */
  readonly types: readonly string[];
  readonly code: number;
  readonly reason: string;
}

const TYPE = /^\{"type":"(\w+)"/;
const TOO_MANY = 429;

/** @returns null where the server had told too many others what is wrong, and refused before the upgrade. */
const attempt = (port: number, query: string): Promise<Seen | null> =>
  new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws?${query}`);
    const types: string[] = [];
    let opened = false;
    const impatience = setTimeout(() => socket.close(1_000, "not told"), TOLD_WITHIN_MS);
    socket.on("open", () => (opened = true));
    socket.on("message", (data: Buffer) => {
      types.push(TYPE.exec(data.subarray(0, HEAD_CHARS).toString())?.[1] ?? "?");
      // A connection that goes on is ended by us, once it was told what is wrong.
      if (types[0] === "connected" && types.includes("error")) socket.close(1_000);
    });
    socket.on("unexpected-response", (request, answer) => {
      clearTimeout(impatience);
      request.destroy();
      resolve(answer.statusCode === TOO_MANY ? null : { opened, types, code: 1_006, reason: "" });
    });
    // It is closed after it.
    socket.on("error", () => {});
    socket.on("close", (code, reason) => {
      clearTimeout(impatience);
      resolve({ opened, types, code, reason: reason.toString() });
    });
  });

const isExplained = (query: string, { opened, types, code, reason }: Seen): boolean =>
  PARTIAL.includes(query)
    ? types[0] === "connected" && types.includes("error")
    : opened && types[0] === "error" && code >= 3_500 && code < 4_000 && reason !== "";

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
