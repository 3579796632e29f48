import { pino, type DestinationStream } from "pino";
import { default as pretty } from "pino-pretty";
import type { LogLevel, LogModule, ModuleLevels } from "./log-levels.ts";

/** Fields first, then the sentence: `log.info({ slot }, "caught up")`. */
export interface Logger {
  trace(fields: object, message: string): void;
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  /** Whether such lines are written: for what would cost something to say. */
  isLevelEnabled(level: Exclude<LogLevel, "off">): boolean;
  /** A logger for one part of this one: at its level, unless `RUST_LOG` sets another by the part's name. */
  module(name: LogModule): Logger;
}

export interface LoggerOptions {
  /** Name of the service; `RUST_LOG` may set its level by this name. */
  readonly name: string;
  readonly level: LogLevel;
  readonly moduleLevels?: ModuleLevels | undefined;
  readonly serverId?: string;
  /** Takes out of a line what nobody may read. */
  readonly hide?: (line: string) => string;
  /** Where lines go; standard output by default, readable for people on a terminal, JSON lines otherwise. */
  readonly destination?: DestinationStream;
}

/** Names of fields that are never written, however deep they came from. */
const SECRET_FIELDS = [
  "token",
  "authorization",
  "password",
  "secret",
  "*.token",
  "*.authorization",
  "*.password",
];

const pinoLevel = (level: LogLevel): string => (level === "off" ? "silent" : level);

const toTerminal = (): DestinationStream =>
  process.stdout.isTTY
    ? pretty({ ignore: "pid,hostname", translateTime: "HH:MM:ss.l", sync: true })
    : pino.destination({ fd: 1, sync: true });

export function createLogger({
  name,
  level,
  moduleLevels,
  serverId,
  hide,
  destination,
}: LoggerOptions): Logger {
  const base = moduleLevels?.base ?? level;
  const levelOf = (module: string, inherited: LogLevel): LogLevel =>
    moduleLevels?.modules[module] ?? inherited;
  const root = pino(
    {
      level: "silent",
      base: serverId === undefined ? {} : { server: serverId },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      ...(hide === undefined ? {} : { hooks: { streamWrite: hide } }),
      redact: { paths: SECRET_FIELDS, censor: "[secret]" },
    },
    destination ?? toTerminal(),
  );
  const named = (module: string, inherited: LogLevel): Logger => {
    const own = levelOf(module, inherited);
    return Object.assign(root.child({ module }, { level: pinoLevel(own) }), {
      module: (part: string) => named(part, own),
    });
  };
  return named(name, base);
}
