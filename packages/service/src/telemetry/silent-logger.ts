import type { Logger } from "./logger.ts";

const ignore = (): void => {};

/** Says nothing; for tests and for parts whose owner does not care. */
export const silentLogger: Logger = {
  trace: ignore,
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  isLevelEnabled: () => false,
  module: () => silentLogger,
};
