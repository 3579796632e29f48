import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import type { ServicesAttack } from "../attack.ts";
import { many } from "../support/many.ts";

const ATTEMPTS = 2_000;
const AT_A_TIME = 40;
const TOLD_WITHIN_MS = 10_000;
const HEAD_CHARS = 300;

/** Queries that no connection can be made of; what is wrong with them is told after the upgrade. */
const QUERIES: readonly string[] = [
  "user_id=a%2Fb",
  "user_id=%00",
  `user_id=${"x".repeat(300)}`,
  "user_id=one&user_id=two",
  "since=token_updates",
  "since=token_updates@e:-1",
  "since=token_updates@e:9999999999999999999999",
  "token=abc.def.ghi",
  `token=${"x".repeat(1_500)}`,
  `subscriptions=${Array.from({ length: 400 }, (_, n) => `t${n}`).join(",")}`,
];

interface Refusal {
  readonly opened: boolean;
  /** The first frame that came. */
  readonly said: string;
  readonly code: number;
  readonly reason: string;
}

const attempt = (port: number, query: string): Promise<Refusal | null> =>
  new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws?${query}`);
    let opened = false;
    let said = "";
    const impatience = delay(TOLD_WITHIN_MS, null, { ref: false });
    socket.on("open", () => (opened = true));
    socket.on("message", (data: Buffer) => (said ||= data.subarray(0, HEAD_CHARS).toString()));
    // It is closed after it.
    socket.on("error", () => {});
    socket.on("close", (code, reason) => resolve({ opened, said, code, reason: reason.toString() }));
    void impatience.then(() => {
      socket.terminate();
      resolve(null);
    });
  });

const isExplained = ({ opened, said, code, reason }: Refusal): boolean =>
  opened && said.startsWith('{"type":"error"') && code >= 3_500 && code < 4_000 && reason !== "";

/** Connections with queries and tokens that are no good, as fast as they are refused; a browser must learn why. */
export const badQueries: ServicesAttack = {
  name: "clients/bad-queries",
  scene: "services",
  on: "gateway",
  async strike({ gateway }, size) {
    const attempts = Math.max(QUERIES.length, size.count(ATTEMPTS));
    const unexplained = new Map<string, string>();
    await many(attempts, AT_A_TIME, async (index) => {
      const query = QUERIES[index % QUERIES.length] ?? "";
      const refusal = await attempt(gateway.port, query);
      if (refusal === null) unexplained.set(query, "not refused");
      else if (!isExplained(refusal)) unexplained.set(query, `${refusal.code} '${refusal.reason}'`);
    });
    return {
      tries: attempts,
      what: `${QUERIES.length} kinds of queries, ${QUERIES.length - unexplained.size} explained to a browser`,
      problems: [...unexplained].map(
        ([query, how]) => `a browser does not learn why (${how}): ${query.slice(0, 60)}`,
      ),
    };
  },
};
