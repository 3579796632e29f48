import type { RpcTransport } from "@solana/kit";
import { attempt, conclude, type Outcome } from "./outcome.ts";
import { isTransient } from "./transient.ts";

/** Which of several nodes is asked first. Those who ask for different things may share it. */
export interface Preference {
  node: number;
}

/**
 * Several nodes as one: the last one that answered is asked first, the others in turn while the failure is one that
 * another node may not have.
 */
export function withFailover(
  transports: readonly RpcTransport[],
  preference: Preference = { node: 0 },
): RpcTransport {
  return async function <Response>(config: Parameters<RpcTransport>[0]) {
    const first = preference.node;
    let outcome: Outcome = { failure: { kind: "thrown", error: new Error("There is no node to ask.") } };
    for (let turn = 0; turn < transports.length; turn += 1) {
      const index = (first + turn) % transports.length;
      const transport = transports[index];
      if (transport === undefined) continue;
      outcome = await attempt(transport, config);
      if (!("failure" in outcome)) {
        preference.node = index;
        break;
      }
      if (config.signal?.aborted === true || !isTransient(outcome.failure)) break;
    }
    return conclude<Response>(outcome);
  };
}
