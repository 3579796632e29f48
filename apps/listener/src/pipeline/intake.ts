import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { Content, Intake, SignatureNotification } from "../model/notification.ts";
import type { SeenSlots } from "../progress/seen-slots.ts";
import type { StreamComparison } from "../sources/stream-comparison.ts";
import type { StreamCounts } from "../sources/stream-counts.ts";

export interface IntakeOptions {
  readonly seen: Pick<SeenSlots, "add">;
  /** Gets each signature once. */
  readonly take: (notification: SignatureNotification, content?: Content) => void;
  readonly untilCapacity: (signal: AbortSignal) => Promise<void>;
  /** Whether a notification is taken, where not everything is. */
  readonly admits?: (notification: SignatureNotification) => boolean;
  /** Hears of a signature that is known, and that a stream brings again. */
  readonly again?: (notification: SignatureNotification) => void;
  readonly counts: Pick<StreamCounts, "add">;
  /** Hears of everything that a stream brought. */
  readonly comparison?: Pick<StreamComparison, "brought">;
  readonly metrics: Pick<ListenerMetrics, "notifications">;
}

/** Where everything that is found comes in, whoever finds it: counted, and each signature handed on once. */
export const createIntake = ({
  seen,
  take,
  untilCapacity,
  admits = () => true,
  again,
  counts,
  comparison,
  metrics,
}: IntakeOptions): Intake => ({
  offer(notification, content) {
    const { source, origin, endpoint } = notification;
    metrics.notifications.inc({ source, origin });
    if (!admits(notification)) {
      if (endpoint !== null) counts.add("left", source, endpoint);
      return;
    }
    const isNew = seen.add(notification);
    if (endpoint !== null) {
      const first = origin === "live" ? "won" : "backfilled";
      counts.add(isNew ? first : "duplicates", source, endpoint);
      comparison?.brought({ ...notification, endpoint }, isNew);
    }
    if (isNew) take(notification, content);
    else again?.(notification);
  },
  untilCapacity,
});
