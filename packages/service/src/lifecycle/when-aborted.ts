const nothing = (): void => {};

/**
 * Calls back once when a signal aborts, and at once when it has aborted already. A signal that lives longer than what
 * waits for it keeps every listener that is not taken away: call what is returned when the wait is over.
 * @returns takes the listener away; nothing happens when there is none.
 */
export function whenAborted(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal?.aborted === true) callback();
  if (signal === undefined || signal.aborted) return nothing;
  const onAbort = (): void => callback();
  signal.addEventListener("abort", onAbort, { once: true });
  return () => signal.removeEventListener("abort", onAbort);
}

/** Resolves when a signal aborts, for whoever has nothing else to wait for. */
export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => void whenAborted(signal, resolve));

/**
 * Works under a signal of its own, which aborts with the one given, or by itself when time is up. Of `AbortSignal.any`,
 * Node 20 keeps a trace in the given signal for as long as that lives; this leaves nothing behind.
 * @param timeUp makes the reason to abort with when time is up.
 */
export async function withDeadline<Result>(
  ms: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
  timeUp: () => Error = () => new DOMException(`Not done within ${ms} ms.`, "TimeoutError"),
): Promise<Result> {
  const controller = new AbortController();
  const leave = whenAborted(signal, () => controller.abort(signal?.reason));
  const timer = setTimeout(() => controller.abort(timeUp()), ms);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    leave();
  }
}
