import type { z } from "zod";
import type { VariableMeta } from "./fields.ts";
import { isQuoted, QUOTED } from "./quoted.ts";

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

const isSet = (value: string | undefined): value is string => value !== undefined && value.trim() !== "";

/** Variables that are not set and follow from others that are: the texts that they have by that. */
export function impliedVariables(
  schema: z.ZodObject,
  env: Environment,
): readonly { readonly name: string; readonly by: string; readonly value: string }[] {
  return Object.entries(schema.shape).flatMap(([name, field]) => {
    const { implied } = ((field as z.ZodType).meta() ?? {}) as Partial<VariableMeta>;
    const other = implied && env[implied.by];
    if (implied === undefined || isSet(env[name]) || !isSet(other)) return [];
    // Of one that is wrong nothing follows, least of all a second problem.
    if ((schema.shape[implied.by] as z.ZodType | undefined)?.safeParse(other).success !== true) return [];
    return [{ name, by: implied.by, value: implied.from(other) }];
  });
}

/** White space around a value comes from files and shells, a `\r` from another system. Only a secret may be meant with it. */
const readText = (field: unknown, value: string): string =>
  ((field as z.ZodType).meta() as Partial<VariableMeta> | undefined)?.secret === true ? value : value.trim();

/**
 * Reads environment variables through a schema whose keys are their names. A variable that is set to nothing counts
 * as absent, and white space around a value for none, except in secrets. The result is frozen.
 * @throws {ConfigError} listing every problem at once.
 */
export function loadConfig<Schema extends z.ZodObject>(
  schema: Schema,
  env: Environment,
): Readonly<z.infer<Schema>> {
  const given: Record<string, string> = {};
  for (const { name, value } of impliedVariables(schema, env)) given[name] = value;
  for (const [name, field] of Object.entries(schema.shape)) {
    const value = env[name];
    if (isSet(value)) given[name] = readText(field, value);
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return Object.freeze(parsed.data);
  const unreadable = Object.entries(schema.shape)
    .filter(([name, field]) => !(field as z.ZodType).safeParse(given[name]).success)
    .map(([name]) => name);
  // Zod judges what must hold between variables only once each can be read: the others do without those here. A rule that
  // has to do with one of them names it, and cannot be judged.
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !unreadable.includes(name)));
  const asProblem = ({ path, message }: z.core.$ZodIssue): string => {
    const name = path.length > 0 ? String(path[0]) : "(all)";
    const why = isQuoted(given[name] ?? "") ? `; ${QUOTED}` : "";
    return `${name}: ${message}${why}`;
  };
  const between = schema
    .safeParse(rest)
    .error?.issues.map(asProblem)
    .filter((problem) => !unreadable.some((name) => problem.includes(name)));
  throw new ConfigError([...new Set([...parsed.error.issues.map(asProblem), ...(between ?? [])])]);
}
