import type { NodeChannel } from "./websocket-channel.ts";

/** How exactly pauses are left out. */
const PORTIONS = 20;

/**
 * Calls back when a channel was read for so many milliseconds: while it is paused, what is waited for may lie in the
 * socket.
 * @returns calls it off.
 */
export function afterReading(
  channel: Pick<NodeChannel, "paused">,
  ms: number,
  callback: () => void,
): () => void {
  let left = PORTIONS;
  const timer = setInterval(() => {
    if (channel.paused) return;
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    callback();
  }, ms / PORTIONS);
  return () => clearInterval(timer);
}
