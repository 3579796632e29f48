/** What `run` throws; null when it returns. */
export function attempt(run: () => unknown): unknown {
  try {
    run();
    return null;
  } catch (error) {
    return error;
  }
}
