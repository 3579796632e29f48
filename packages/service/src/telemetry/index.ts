export { describeProcess } from "./describe-process.ts";
export { answerClientError } from "./client-error.ts";
export { createHealth, type CheckResult, type Health, type HealthReport } from "./health.ts";
export { LOG_LEVELS, LOG_MODULES, parseRustLog, type LogLevel, type ModuleLevels } from "./log-levels.ts";
export { createLogger, type Logger, type LoggerOptions } from "./logger.ts";
export { createMetricsRegistry, METRIC_PREFIX } from "./metrics.ts";
export {
  createOperations,
  isOperationsPath,
  OPERATIONS_METHODS,
  type Operations,
  type OperationsResponse,
} from "./operations.ts";
export { exposeReadiness } from "./readiness.ts";
export { VERSION } from "./version.ts";
export { silentLogger } from "./silent-logger.ts";
export { startOperationsServer, type OperationsServer } from "./operations-server.ts";
