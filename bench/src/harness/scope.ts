/** Things to be put away at the end, the newest first. */
export interface Scope {
  add(putAway: () => unknown): void;
}

/** Runs with a scope, and puts everything away however it ends. */
export async function withScope<Result>(run: (scope: Scope) => Promise<Result>): Promise<Result> {
  const putAways: (() => unknown)[] = [];
  try {
    return await run({ add: (putAway) => putAways.push(putAway) });
  } finally {
    for (const putAway of putAways.reverse()) await putAway();
  }
}
