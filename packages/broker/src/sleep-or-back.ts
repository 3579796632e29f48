import { sleep, whenAborted } from "@commcoin/service/lifecycle";
import type { Broker } from "./broker.ts";

/**
 * Waits before something is tried again that the broker refused. Returns early, without an error, when the signal aborts,
 * and as soon as a broker that was away is back.
 */
export async function sleepOrBack(
  broker: Pick<Broker, "watch">,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  const back = new AbortController();
  const unwatch = broker.watch((problem) => {
    if (problem === null) back.abort();
  });
  const leave = whenAborted(signal, () => back.abort());
  try {
    await sleep(ms, back.signal);
  } finally {
    unwatch();
    leave();
  }
}
