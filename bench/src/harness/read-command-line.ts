import { parseArgs } from "node:util";

export interface CommandLine {
  /** Benches to run; all of them when there are none. */
  readonly names: readonly string[];
  readonly quick: boolean;
  readonly connections: number | undefined;
  readonly profile: string | undefined;
  readonly help: boolean;
}

export const usage = (known: readonly string[]): string =>
  [
    "Usage: pnpm bench [name...] [--quick] [--connections <n>] [--profile <folder>]",
    "",
    "Runs the named benches, or all of them, and writes a report when it ran all of them in full.",
    "",
    "  --quick             short runs, to see that they work; their figures mean little",
    "  --connections <n>   clients of the memory bench",
    "  --profile <folder>  CPU profiles are written to this folder",
    "",
    `Benches: ${known.join(", ")}`,
  ].join("\n");

/** One process may hold so many sockets nearly everywhere. */
const MAX_CONNECTIONS = 100_000;

/** @throws an error that says what is wrong. */
export function readCommandLine(args: readonly string[], known: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: "boolean" },
      connections: { type: "string" },
      profile: { type: "string" },
      help: { type: "boolean" },
    },
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
  const { quick = false, profile, help = false } = values;
  return { names: positionals, quick, connections, profile, help };
}
