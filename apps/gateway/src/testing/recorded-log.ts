import { createLogger, type Logger } from "@commcoin/service/telemetry";

/** The product's own logger, which writes everything from this level on into a list of lines. */
export function recordLog(level: "debug" | "info" | "warn" = "debug"): {
  readonly logger: Logger;
  readonly lines: readonly string[];
} {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { logger: createLogger({ name: "test", level, destination }), lines };
}
