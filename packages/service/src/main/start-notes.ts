import type { z } from "zod";
import {
  impliedVariables,
  nearest,
  unknownVariables,
  wrappedVariables,
  type Environment,
} from "../config/index.ts";
import { LOG_MODULES, type Logger, type ModuleLevels } from "../telemetry/index.ts";

/** Scheme and host of each URL of a list: all that may be told, because paths and queries hold keys. */
const hostsOf = (urls: string): readonly string[] =>
  urls.split(",").flatMap((text) => {
    if (!URL.canParse(text)) return [];
    const { protocol, host } = new URL(text);
    return [`${protocol}//${host}`];
  });

/** Says at the start what somebody may have meant otherwise: names that are none, and what follows from other variables. */
export function sayStartNotes({
  schema,
  env,
  moduleLevels,
  logger,
}: {
  readonly schema: z.ZodObject;
  readonly env: Environment;
  readonly moduleLevels: ModuleLevels | undefined;
  readonly logger: Logger;
}): void {
  for (const { name, nearest: right } of unknownVariables(env)) {
    logger.warn({ variable: name }, `no service reads ${name}; the nearest variable that there is: ${right}`);
  }
  for (const { name, why } of wrappedVariables(schema, env))
    logger.warn({ variable: name }, `${name}: ${why}`);
  const known: readonly string[] = LOG_MODULES;
  for (const module of Object.keys(moduleLevels?.modules ?? {})) {
    if (known.includes(module)) continue;
    const right = nearest(module, known);
    const instead =
      right?.isSlip === true ? `the nearest that there is: ${right.name}` : `there are ${known.join(", ")}`;
    logger.warn({ log_module: module }, `RUST_LOG: no module is named ${module}; ${instead}`);
  }
  for (const { name, by, value } of impliedVariables(schema, env)) {
    logger.info({ hosts: hostsOf(value) }, `${name} is not set: it follows from ${by}`);
  }
}
