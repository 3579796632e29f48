/** What went wrong and why, as one line: `fetch` and kit put the reason into the cause. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const causes = error instanceof AggregateError ? error.errors : [error.cause];
  const [cause] = causes as readonly unknown[];
  const reason = cause === undefined ? "" : errorText(cause);
  if (reason === "" || error.message.includes(reason)) return error.message;
  return error.message === "" ? reason : `${error.message}: ${reason}`;
}
