import type { z } from "zod";
import { hidingSecrets, loadConfig, type Environment } from "../config/index.ts";
import { run, STOP_WITHIN_MS, type RunOptions, type Service } from "../lifecycle/index.ts";
import { createLogger, type Logger, type LogLevel, type ModuleLevels } from "../telemetry/index.ts";
import { sayStartNotes } from "./start-notes.ts";

/** What the common variables say of a service and its log. */
interface LoggedConfig {
  readonly SERVER_ID: string;
  readonly LOG_LEVEL: LogLevel;
  readonly RUST_LOG?: ModuleLevels | undefined;
}

export interface RunServiceOptions<Schema extends z.ZodObject> extends Omit<RunOptions, "stopWithinMs"> {
  /** Name of the logger; `RUST_LOG` may set its level by this name. */
  readonly name: string;
  readonly schema: Schema;
  readonly env: Environment;
  readonly create: (parts: {
    readonly config: Readonly<z.infer<Schema>>;
    readonly logger: Logger;
  }) => Service;
  /** Milliseconds that stopping may take beside those that every service has; none by default. */
  readonly drainMs?: (config: Readonly<z.infer<Schema>>) => number;
}

/** The body of a service's `main.ts`: reads its configuration, creates its logger, and runs it as `run` says. */
export const runService = <Schema extends z.ZodObject<Record<keyof LoggedConfig, z.ZodType>>>({
  name,
  schema,
  env,
  create,
  drainMs = () => 0,
  ...options
}: RunServiceOptions<Schema>): Promise<void> => {
  let stopWithinMs = STOP_WITHIN_MS;
  // Before there is a configuration, nothing repeats a part of it.
  let hide = (text: string): string => text;
  const {
    report = (message: string) =>
      process.stderr.write(`${message}
`),
  } = options;
  const start = (): Service => {
    const config = loadConfig(schema, env);
    hide = hidingSecrets(Object.values(config));
    stopWithinMs += drainMs(config);
    const { SERVER_ID: serverId, LOG_LEVEL: level, RUST_LOG: moduleLevels } = config as LoggedConfig;
    const logger = createLogger({ name, level, moduleLevels, serverId, hide });
    // Whoever ends it patiently has said them already.
    if (options.patient !== true) sayStartNotes({ schema, env, moduleLevels, logger });
    return create({ config, logger });
  };
  return run(start, {
    ...options,
    report: (message) => report(hide(message)),
    stopWithinMs: () => stopWithinMs,
  });
};
