import type { ConnectionStats } from "@commcoin/protocol";
import { createOperations, type Health, type Operations } from "@commcoin/service/telemetry";
import type { Registry } from "prom-client";
import type { PortReports } from "./reports.ts";

/** What a gateway says of itself over HTTP: of all workers of its port, where there are several. */
export interface PortAnswers {
  readonly operations: Operations;
  readonly stats: () => Promise<ConnectionStats>;
}

/** @param all asks all workers of the port; null for a gateway that is alone. */
export function createPortAnswers(
  own: {
    readonly health: Pick<Health, "report">;
    readonly registry: Registry;
    readonly stats: () => ConnectionStats;
  },
  all: PortReports | null,
): PortAnswers {
  /** This worker answers for itself where it does not hear of the others. */
  const orOwn = async <Report>(
    ask: (all: PortReports) => Promise<Report>,
    answer: () => Report | Promise<Report>,
  ): Promise<Report> => {
    if (all === null) return answer();
    try {
      return await ask(all);
    } catch {
      return answer();
    }
  };
  const { health, registry, stats } = own;
  return {
    operations: createOperations({
      health: {
        report: () =>
          orOwn(
            (port) => port.health(),
            () => health.report(),
          ),
      },
      registry: {
        contentType: registry.contentType,
        metrics: () =>
          orOwn(
            (port) => port.metrics(),
            () => registry.metrics(),
          ),
      },
    }),
    stats: () => orOwn((port) => port.connections(), stats),
  };
}
