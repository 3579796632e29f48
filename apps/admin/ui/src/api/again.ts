import { adminToken } from "./request.ts";

/** Resolves when the page is looked at, or is of no use any more. */
function visible(ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (document.hidden && !ended.aborted) return;
      document.removeEventListener("visibilitychange", look);
      ended.removeEventListener("abort", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    ended.addEventListener("abort", look);
    look();
  });
}

/** Lets so much time pass; less when a token is given, which may change the answer. */
function pause(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let subscribed = false;
    const end = (): void => {
      clearTimeout(timer);
      forget();
      ended.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    // Called with the present token first.
    const forget = adminToken.subscribe(() => {
      if (subscribed) end();
    });
    subscribed = true;
    ended.addEventListener("abort", end);
  });
}

/** Asks again and again until it is of no use any more, but not while the page is hidden. `ask` throws nothing. */
export async function repeat(ask: () => Promise<void>, everyMs: number, ended: AbortSignal): Promise<void> {
  await visible(ended);
  while (!ended.aborted) {
    await ask();
    if (ended.aborted) return;
    await pause(everyMs, ended);
    await visible(ended);
  }
}

/** Tries until it succeeds, or is of no use any more; not while the page is hidden. */
export async function persist(
  attempt: () => Promise<void>,
  onFailure: (error: unknown) => void,
  retryMs: number,
  ended: AbortSignal,
): Promise<void> {
  const done = new AbortController();
  const either = AbortSignal.any([done.signal, ended]);
  await repeat(
    async () => {
      try {
        await attempt();
        done.abort();
      } catch (error) {
        if (!ended.aborted) onFailure(error);
      }
    },
    retryMs,
    either,
  );
}
