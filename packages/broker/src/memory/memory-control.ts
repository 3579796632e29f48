import { addressedTo, encodeControl, type ControlChannel, type ControlDelivery } from "../control.ts";

export function createMemoryControl(): ControlChannel {
  const listeners = new Set<{
    readonly serverId: string;
    readonly handle: (delivery: ControlDelivery) => void;
  }>();
  return {
    async send(target, message) {
      const { delivery } = encodeControl({ target, message });
      for (const listener of listeners) {
        if (!addressedTo(target, listener.serverId)) continue;
        queueMicrotask(() => {
          if (listeners.has(listener)) listener.handle(delivery);
        });
      }
    },
    listen(serverId, handle) {
      const listener = { serverId, handle };
      listeners.add(listener);
      return Promise.resolve(() => listeners.delete(listener));
    },
  };
}
