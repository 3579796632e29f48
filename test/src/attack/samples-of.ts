import type { Worker } from "@commcoin/harness";
import type { Sample } from "./samples.ts";
import type { WitnessCommands } from "./support/witness-worker.ts";

/** The steady stream that the witness publishes. */
export const streamSamples =
  (witness: Worker<WitnessCommands>) =>
  async (since: number): Promise<readonly Sample[]> =>
    (await witness.call("sentSince", since)).map(({ id, createdAt, attemptAt, receivedAt }) => ({
      id,
      at: createdAt,
      ageMs: receivedAt === null ? null : receivedAt - createdAt,
      // An attempt that was repeated in vain, since the first one had arrived, began later than the message.
      latencyMs: receivedAt === null ? null : Math.max(0, receivedAt - attemptAt),
    }));
