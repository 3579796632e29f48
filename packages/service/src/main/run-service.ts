import type { z } from "zod";
import { loadConfig, type Environment } from "../config/index.ts";
import { run, type RunOptions, type Service } from "../lifecycle/index.ts";
import { createLogger, type Logger, type LogLevel, type ModuleLevels } from "../telemetry/index.ts";

/** What the common variables say of a service and its log. */
interface LoggedConfig {
  readonly SERVER_ID: string;
  readonly LOG_LEVEL: LogLevel;
  readonly RUST_LOG?: ModuleLevels | undefined;
}

export interface RunServiceOptions<Schema extends z.ZodObject> extends RunOptions {
  /** Name of the logger; `RUST_LOG` may set its level by this name. */
  readonly name: string;
  readonly schema: Schema;
  readonly env: Environment;
  readonly create: (parts: {
    readonly config: Readonly<z.infer<Schema>>;
    readonly logger: Logger;
  }) => Service;
}

/** The body of a service's `main.ts`: reads its configuration, creates its logger, and runs it as `run` says. */
export const runService = <Schema extends z.ZodObject<Record<keyof LoggedConfig, z.ZodType>>>({
  name,
  schema,
  env,
  create,
  ...options
}: RunServiceOptions<Schema>): Promise<void> =>
  run(() => {
    const config = loadConfig(schema, env);
    const { SERVER_ID, LOG_LEVEL, RUST_LOG } = config as LoggedConfig;
    const logger = createLogger({ name, level: LOG_LEVEL, moduleLevels: RUST_LOG, serverId: SERVER_ID });
    return create({ config, logger });
  }, options);
