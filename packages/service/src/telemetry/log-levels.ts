/** From the most talkative to silence. */
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "off"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Parts of the services that write to the log, and the services themselves, by the names that `RUST_LOG` knows. */
export const LOG_MODULES = [
  "admin",
  "auth",
  "listener",
  "message_broker",
  "standalone",
  "transaction_listener",
  "websocket",
  "workers",
] as const;
export type LogModule = (typeof LOG_MODULES)[number];

/** Levels for single modules, and for everything else where it is given. */
export interface ModuleLevels {
  readonly base?: LogLevel;
  readonly modules: Readonly<Record<string, LogLevel>>;
}

const isLogLevel = (text: string): text is LogLevel => (LOG_LEVELS as readonly string[]).includes(text);

/**
 * Reads `module=level` pairs and bare levels, comma-separated. A module path such as `server::websocket` counts by its
 * last part, so that scripts written for Rust services keep working.
 * @returns the levels, or a sentence that says what is wrong.
 */
export function parseRustLog(text: string): ModuleLevels | string {
  const modules: Record<string, LogLevel> = {};
  let base: LogLevel | undefined;
  for (const part of text.split(",").map((part) => part.trim())) {
    if (part === "") continue;
    const [left = "", right] = part.split("=");
    const level = (right ?? left).trim().toLowerCase();
    if (!isLogLevel(level)) {
      return `must be module=level pairs, with a level of ${LOG_LEVELS.join(", ")}`;
    }
    if (right === undefined) base = level;
    else modules[left.trim().split("::").at(-1) ?? left] = level;
  }
  return base === undefined ? { modules } : { base, modules };
}
