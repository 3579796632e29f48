/** Runs contenders in turns, A B A B …, so that what disturbs the machine disturbs all of them. */
export async function inTurns<Name extends string, Result>(
  contenders: Readonly<Record<Name, () => Promise<Result>>>,
  rounds: number,
): Promise<Record<Name, Result[]>> {
  const names = Object.keys(contenders) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Result[]>;
  for (let round = 0; round < rounds; round += 1) {
    // Each round begins with another one: what comes second finds warmer caches, or a hotter machine.
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(round + turn) % names.length];
      if (name !== undefined) results[name].push(await contenders[name]());
    }
  }
  return results;
}
