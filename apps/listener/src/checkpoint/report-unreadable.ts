import type { Logger } from "@commcoin/service/telemetry";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { Unreadable } from "./listener-state.ts";

/** Logs and counts saved state that cannot be read: what it held is lost, and nothing else shows it. */
export const reportUnreadable =
  (log: Logger, metrics: Pick<ListenerMetrics, "unreadableState">) =>
  (what: Unreadable): void => {
    const { kind } = what;
    if (kind === "checkpoint") {
      metrics.unreadableState.inc({ kind });
      log.error({}, "the saved checkpoint cannot be read: it counts as missing");
      return;
    }
    const { mints } = what;
    metrics.unreadableState.inc({ kind }, mints.length);
    log.error(
      { coins: mints.length, mint: mints[0] },
      "saved markets cannot be read: what these coins had counted is lost",
    );
  };
