import type { ConnectionStats } from "@commcoin/protocol";
import type { HealthReport } from "@commcoin/service/telemetry";

/** What a worker says of itself. */
export interface WorkerReports {
  metrics(): Promise<string>;
  health(): Promise<WorkerHealth>;
  connections(): Promise<WorkerConnections>;
}

export interface WorkerHealth {
  /** Whether new connections come to it. */
  readonly listening: boolean;
  readonly report: HealthReport;
}

export interface WorkerConnections {
  readonly stats: ConnectionStats;
  readonly users: readonly string[];
}

/** What all workers of a port are together: what the same paths answer for a gateway that is one process. */
export interface PortReports {
  metrics(): Promise<string>;
  health(): Promise<HealthReport>;
  connections(): Promise<ConnectionStats>;
}

/** Questions of a supervisor to its workers, and of a worker about all of them. */
export const REPORT_NAMES = ["metrics", "health", "connections"] as const;
export type ReportName = (typeof REPORT_NAMES)[number];

export const isReportName = (name: string): name is ReportName =>
  (REPORT_NAMES as readonly string[]).includes(name);
