/** Does something again and again until the returned function is called, which waits for the last time. */
export function repeatedly(work: () => Promise<unknown>): () => Promise<void> {
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) await work();
  })();
  return async () => {
    stopping.abort();
    await running;
  };
}
