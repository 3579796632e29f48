import type { z } from "zod";

export type Environment = Readonly<Record<string, string | undefined>>;

/** One or more environment variables are wrong. The message names each with its reason and never a value. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/**
 * Reads environment variables through a schema whose keys are their names. A variable that is set to nothing counts
 * as absent. The result is frozen.
 * @throws {ConfigError} listing every problem at once.
 */
export function loadConfig<Schema extends z.ZodObject>(
  schema: Schema,
  env: Environment,
): Readonly<z.infer<Schema>> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => {
      const value = env[name];
      return value === undefined || value.trim() === "" ? [] : [[name, value]];
    }),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return Object.freeze(parsed.data);
  const problems = parsed.error.issues.map(asProblem);
  // What must hold between variables is looked at only once each of them can be read: with the defaults of the others.
  const wrong = new Set(problems.map(({ name }) => name));
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name)));
  const between = schema.safeParse(rest).error?.issues.map(asProblem) ?? [];
  problems.push(...between.filter(({ name }) => !wrong.has(name)));
  throw new ConfigError(problems.map(({ name, message }) => `${name}: ${message}`));
}

const asProblem = ({
  path,
  message,
}: z.core.$ZodIssue): { readonly name: string; readonly message: string } => ({
  name: path.length > 0 ? String(path[0]) : "(all)",
  message,
});
