import type { NodesAttack } from "../attack.ts";
import { behaveInTurns } from "./behave-for.ts";
import type { RpcRequest } from "./hostile-node.ts";
import { ODD_ERRORS } from "./odd-errors.ts";

const LASTS_MS = 6_000;

/** Every request is answered with an error, each time with another one, and with odd statuses. */
export const answerErrors: NodesAttack = {
  name: "nodes/answer-errors",
  scene: "nodes",
  on: "listener",
  async strike(scene, size) {
    let tries = 0;
    const statuses = [200, 400, 500, 200];
    await behaveInTurns(scene, size.ms(LASTS_MS), {
      http(_, body, response) {
        const error = ODD_ERRORS[tries % ODD_ERRORS.length];
        const status = statuses[Math.floor(tries / ODD_ERRORS.length) % statuses.length] ?? 200;
        tries += 1;
        const asked = JSON.parse(body) as RpcRequest | readonly RpcRequest[];
        const answer = (request: RpcRequest): object => ({ jsonrpc: "2.0", error, id: request.id });
        const answers = Array.isArray(asked) ? asked.map(answer) : answer(asked as RpcRequest);
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answers));
        return true;
      },
    });
    return { tries, what: `${tries} requests answered, with ${ODD_ERRORS.length} kinds of errors` };
  },
};
