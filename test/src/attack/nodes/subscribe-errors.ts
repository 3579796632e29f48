import type { NodesAttack } from "../attack.ts";
import { behaveFor } from "./behave-for.ts";
import { ODD_ERRORS } from "./odd-errors.ts";

const LASTS_MS = 6_000;

/** Every subscription is refused, each time with another error. */
export const subscribeErrors: NodesAttack = {
  name: "nodes/subscribe-errors",
  scene: "nodes",
  on: "listener",
  async strike(scene, size) {
    let tries = 0;
    await behaveFor(scene, size.ms(LASTS_MS), {
      websocket({ socket }, { id, method }) {
        if (method?.endsWith("Subscribe") !== true) return false;
        const error = ODD_ERRORS[tries % ODD_ERRORS.length];
        tries += 1;
        socket.send(JSON.stringify({ jsonrpc: "2.0", error, id }));
        return true;
      },
    });
    return { tries, what: `${tries} subscriptions refused, with ${ODD_ERRORS.length} kinds of errors` };
  },
};
