import type { Notification, Sink } from "../pubsub/registry.ts";
import type { FaultSwitches } from "./switches.ts";

interface Overtaken {
  readonly notification: Notification;
  /** Notifications of its subscription that still go first. */
  left: number;
}

/** Drops, duplicates and reorders what one connection is told. `close` ends it. */
export const withNotificationFaults = (
  faults: FaultSwitches,
  notify: Sink,
): { readonly notify: Sink; readonly close: () => void } => {
  const held = new Map<number, Overtaken>();

  const deliver = (notification: Notification): void => {
    notify(notification);
    if (faults.strike("duplicate", notification.kind)) notify(notification);
  };

  const release = (id: number, overtaken: Overtaken): void => {
    held.delete(id);
    deliver(overtaken.notification);
  };

  const close = faults.onSwitch((name) => {
    if (name !== "reorder" || faults.setting("reorder")) return;
    for (const [id, overtaken] of held) release(id, overtaken);
  });

  return {
    close,
    notify: (notification) => {
      const { id, kind } = notification;
      if (faults.strike("drop", kind)) return;
      const overtaken = held.get(id);
      if (overtaken) {
        deliver(notification);
        overtaken.left -= 1;
        if (overtaken.left === 0) release(id, overtaken);
        return;
      }
      const reorder = faults.strike("reorder", kind);
      if (reorder) held.set(id, { notification, left: reorder.distance ?? 1 });
      else deliver(notification);
    },
  };
};
