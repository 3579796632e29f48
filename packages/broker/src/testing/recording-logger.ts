import type { Logger } from "@commcoin/service/telemetry";

/** A logger for tests that keeps every line as `<level> <sentence>`. */
export function recordingLogger(): { readonly logger: Logger; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const write =
    (level: string) =>
    (fields: object | string, message = ""): void => {
      lines.push(`${level} ${typeof fields === "string" ? fields : message}`);
    };
  const logger: Logger = {
    trace: write("trace"),
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    isLevelEnabled: () => true,
    module: () => logger,
  };
  return { logger, lines };
}
