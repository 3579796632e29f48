import type { ServerResponse } from "node:http";
import type { NodesAttack } from "../attack.ts";
import { behaveFor } from "./behave-for.ts";

const LASTS_MS = 12_000;
const TRICKLE_MS = 200;

function trickle(response: ServerResponse): void {
  response.writeHead(502, { "content-type": "text/html" });
  const timer = setInterval(() => response.write("."), TRICKLE_MS);
  response.on("close", () => clearInterval(timer));
}

/** A node that takes everything and answers nothing, begins an answer, or sends it a byte at a time. */
export const silence: NodesAttack = {
  name: "nodes/silence",
  scene: "nodes",
  on: "listener",
  // Twice the two seconds after which a listener turns to another node, and some: nothing but time shows it.
  mayTakeMs: 5_000,
  async strike(scene, size) {
    let tries = 0;
    await behaveFor(scene, size.ms(LASTS_MS), {
      http(_, __, response) {
        tries += 1;
        if (tries % 3 === 1) response.writeHead(200).write("{");
        if (tries % 3 === 2) trickle(response);
        return true;
      },
      websocket() {
        tries += 1;
        return true;
      },
    });
    return { tries, what: `${tries} questions without an answer` };
  },
};
