import { parseArgs } from "node:util";

export interface CommandLine {
  /** Benches to run; all of them when there are none. */
  readonly names: readonly string[];
  readonly quick: boolean;
  readonly connections: number | undefined;
  readonly profile: string | undefined;
}

/** One process may hold so many sockets nearly everywhere. */
const MAX_CONNECTIONS = 100_000;

/** @throws an error that says what is wrong. */
export function readCommandLine(args: readonly string[], known: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { quick: { type: "boolean" }, connections: { type: "string" }, profile: { type: "string" } },
  });
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`There is no bench ${unknown}. There are: ${known.join(", ")}.`);
  const connections = values.connections === undefined ? undefined : Number(values.connections);
  if (
    connections !== undefined &&
    (!Number.isSafeInteger(connections) || connections < 1 || connections > MAX_CONNECTIONS)
  ) {
    throw new Error(`--connections must be a whole number from 1 to ${MAX_CONNECTIONS}.`);
  }
  return { names: positionals, quick: values.quick ?? false, connections, profile: values.profile };
}
