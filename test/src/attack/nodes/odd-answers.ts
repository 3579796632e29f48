import type { NodesAttack } from "../attack.ts";
import { behaveInTurns } from "./behave-for.ts";
import type { RpcRequest } from "./hostile-node.ts";

const LASTS_MS = 6_000;

const PAGES: readonly string[] = [
  "<html><body>It works!</body></html>",
  "",
  "OK",
  "{",
  "null",
  "[]",
  "[null]",
  '{"jsonrpc":"2.0"}',
  '{"error":"Unauthorized"}',
  '{"message":"You have exceeded your rate limit"}',
  "\ufeff{}",
];

/** Results that fit no method. */
const RESULTS: readonly unknown[] = [
  null,
  [],
  {},
  "text",
  -1,
  [null, { signature: 7 }],
  { slot: "x", meta: null, transaction: null },
  { slot: 1, meta: { err: null }, transaction: { message: {} } },
  { transactions: [{}], blockhash: 3 },
  [{ signature: "1".repeat(64), slot: -5, err: {}, memo: {}, blockTime: "now", confirmationStatus: "maybe" }],
];

/** Answers with status 200 that are pages, nothing at all, or results that fit no method. */
export const oddAnswers: NodesAttack = {
  name: "nodes/odd-answers",
  scene: "nodes",
  on: "listener",
  async strike(scene, size) {
    let tries = 0;
    const oddOf = (body: string): string => {
      const kind = tries % (PAGES.length + RESULTS.length);
      tries += 1;
      const page = PAGES[kind];
      if (page !== undefined) return page;
      const result = RESULTS[kind - PAGES.length];
      const asked = JSON.parse(body) as RpcRequest | readonly RpcRequest[];
      const answer = ({ id }: RpcRequest): object => ({ jsonrpc: "2.0", result, id });
      return JSON.stringify(Array.isArray(asked) ? asked.map(answer) : answer(asked as RpcRequest));
    };
    await behaveInTurns(scene, size.ms(LASTS_MS), {
      http(_, body, response) {
        const text = oddOf(body);
        const type = text.startsWith("<") ? "text/html" : "application/json";
        response.writeHead(200, { "content-type": type }).end(text);
        return true;
      },
    });
    return { tries, what: `${PAGES.length} kinds of pages, ${RESULTS.length} kinds of results` };
  },
};
