import type { Registry } from "prom-client";
import type { HealthReport } from "./health.ts";
import { VERSION } from "./version.ts";

export interface OperationsResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const PATHS: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

/** Whether every service has something to answer at this path. */
export const isOperationsPath = (path: string): boolean => PATHS.has(path);
/** What may be asked there, for the header `Allow`. */
export const OPERATIONS_METHODS = "GET, HEAD";

/** Answers the paths that every service has for its operators, whatever HTTP server carries them. */
export interface Operations {
  /** @returns null when the path is none of `/healthz`, `/readyz`, `/metrics`. */
  answer(path: string): Promise<OperationsResponse> | null;
}

const json = (status: number, value: unknown): OperationsResponse => ({
  status,
  contentType: "application/json; charset=utf-8",
  body: JSON.stringify(value),
});

export function createOperations({
  health,
  registry,
}: {
  readonly health: { readonly report: () => HealthReport | Promise<HealthReport> };
  readonly registry: Pick<Registry, "contentType" | "metrics">;
}): Operations {
  return {
    answer(path) {
      switch (path) {
        case "/healthz":
          return Promise.resolve(json(200, { status: "ok", version: VERSION }));
        case "/readyz": {
          const answer = (report: HealthReport): OperationsResponse => json(report.ready ? 200 : 503, report);
          return Promise.resolve(health.report()).then(answer);
        }
        case "/metrics":
          return registry
            .metrics()
            .then((body) => ({ status: 200, contentType: registry.contentType, body }));
        default:
          return null;
      }
    },
  };
}
