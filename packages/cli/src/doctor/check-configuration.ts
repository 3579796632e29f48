import {
  ConfigError,
  loadConfig,
  unknownVariables,
  wrappedVariables,
  type Environment,
} from "@commcoin/service/config";
import type { z } from "zod";
import { error, ok, warning, type Check } from "./check.ts";
import { schemas, singleProcess, type ServiceName } from "./variables.ts";

function problemsOf(schema: z.ZodObject, env: Environment): readonly string[] {
  try {
    loadConfig(schema, env);
    return [];
  } catch (reason) {
    if (reason instanceof ConfigError) return reason.problems;
    throw reason;
  }
}

interface Judged {
  readonly name: string;
  readonly schema: z.ZodObject;
}

function checkValues(judged: readonly Judged[], env: Environment): readonly Check[] {
  const byProblem = new Map<string, string[]>();
  for (const { name, schema } of judged) {
    for (const problem of problemsOf(schema, env)) {
      byProblem.set(problem, [...(byProblem.get(problem) ?? []), name]);
    }
  }
  return [...byProblem].map(([problem, names]) => {
    const [variable = "", ...rest] = problem.split(": ");
    return error("configuration.variables", {
      subject: variable,
      says: rest.join(": "),
      means: `with this environment the ${names.join(", ")} ${names.length === 1 ? "does" : "do"} not start.`,
      remedy: `correct ${variable}, then restart; docs/configuration.md has what it can be. If this environment is not meant for the ${names[0]}, name those it is for with --services.`,
    });
  });
}

function checkNames(judged: readonly Judged[], env: Environment): readonly Check[] {
  const unknown = unknownVariables(env).map(({ name, nearest }) =>
    warning("configuration.names", {
      subject: name,
      says: "no service reads a variable of this name",
      means: "what it was meant to set has its default.",
      remedy: `rename it if ${nearest} was meant, else remove it.`,
    }),
  );
  const wrapped = new Map(
    judged.flatMap(({ schema }) => wrappedVariables(schema, env)).map(({ name, why }) => [name, why]),
  );
  return [
    ...unknown,
    ...[...wrapped].map(([name, why]) =>
      warning("configuration.names", {
        subject: name,
        says: why,
        means: "the service reads another value than it looks like.",
        remedy: `write ${name} without them.`,
      }),
    ),
  ];
}

/** Whether the services would start with this environment, and read of it what was meant. */
export function checkConfiguration(
  env: Environment,
  { services, single }: { readonly services: readonly ServiceName[]; readonly single: boolean },
): readonly Check[] {
  const judged: readonly Judged[] = single
    ? [{ name: "single process", schema: singleProcess }]
    : services.map((name) => ({ name, schema: schemas[name] }));
  const findings = [...checkValues(judged, env), ...checkNames(judged, env)];
  if (findings.length > 0) return findings;
  const known = new Set(judged.flatMap(({ schema }) => Object.keys(schema.shape)));
  const set = [...known].filter((name) => (env[name] ?? "").trim() !== "").length;
  const whom = judged.map(({ name }) => name).join(", ");
  return [
    ok(
      "configuration.variables",
      `${set === 1 ? "1 variable is" : `${set} variables are`} set, and good for the ${whom}`,
    ),
  ];
}
