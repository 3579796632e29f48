import type { ListenerMetrics } from "../metrics.ts";
import type { Intake, SignatureNotification } from "../sources/source.ts";
import type { SeenSlots } from "./seen-slots.ts";

export interface IntakeOptions {
  readonly seen: Pick<SeenSlots, "add">;
  /** Gets each signature once. */
  readonly take: (notification: SignatureNotification) => void;
  readonly room: (signal: AbortSignal) => Promise<void>;
  readonly metrics: Pick<ListenerMetrics, "notifications" | "duplicates">;
}

/** Where everything that is found comes in, whoever finds it: counted, and each signature handed on once. */
export const createIntake = ({ seen, take, room, metrics }: IntakeOptions): Intake => ({
  offer(notification) {
    const { source, origin } = notification;
    metrics.notifications.inc({ source, origin });
    if (seen.add(notification)) take(notification);
    else metrics.duplicates.inc({ source });
  },
  room,
});
