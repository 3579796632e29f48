import type { NodesAttack } from "../attack.ts";
import { behaveFor } from "./behave-for.ts";
import type { RpcRequest } from "./hostile-node.ts";

const LASTS_MS = 8_000;
/** Whoever obeys asks less and less. */
const MAX_REQUESTS_PER_SECOND = 30;

type Refusal = readonly [status: number, headers: Readonly<Record<string, string>>, error: unknown];

/** The ways in which providers say that it is too much. */
const REFUSALS: readonly Refusal[] = [
  [429, {}, { code: 429, message: "Too many requests" }],
  [429, { "retry-after": "5" }, { code: -32_429, message: "rate limited" }],
  [429, { "retry-after": "never" }, "slow down"],
  [429, { "retry-after": "-1" }, null],
  [200, {}, { code: -32_429, message: "rate limit exceeded" }],
  [200, {}, { code: -32_005, message: "request rate exceeded, try again later" }],
  [200, {}, { code: -32_029, message: "Too many requests" }],
  [200, {}, { code: -32_003, message: "daily quota exceeded" }],
  [503, { "retry-after": "2" }, { message: "Over capacity" }],
];

/** A node that has had enough, in every form, over HTTP and WebSocket. */
export const rateLimits: NodesAttack = {
  name: "nodes/rate-limits",
  scene: "nodes",
  on: "listener",
  async strike(scene, size) {
    let tries = 0;
    const lasts = size.ms(LASTS_MS);
    const next = (): Refusal => {
      tries += 1;
      return REFUSALS[tries % REFUSALS.length] ?? [429, {}, null];
    };
    await behaveFor(scene, lasts, {
      http(_, body, response) {
        const [status, headers, error] = next();
        const asked = JSON.parse(body) as RpcRequest | readonly RpcRequest[];
        const answer = ({ id }: RpcRequest): object => ({ jsonrpc: "2.0", error, id });
        const answers = Array.isArray(asked) ? asked.map(answer) : answer(asked as RpcRequest);
        response
          .writeHead(status, { "content-type": "application/json", ...headers })
          .end(JSON.stringify(answers));
        return true;
      },
      websocket({ socket }, { id }) {
        const [, , error] = next();
        if (tries % 3 === 0) socket.close(1_013, "rate limited");
        else socket.send(JSON.stringify({ jsonrpc: "2.0", error, id }));
        return true;
      },
    });
    const perSecond = (tries / lasts) * 1_000;
    return {
      tries,
      what: `${perSecond.toFixed(1)} requests a second reached the node`,
      problems:
        perSecond <= MAX_REQUESTS_PER_SECOND
          ? []
          : [`${perSecond.toFixed(0)} requests a second to a node that refuses all of them`],
    };
  },
};
