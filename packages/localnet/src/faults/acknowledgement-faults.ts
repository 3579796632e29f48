import type { Socket } from "node:net";
import type { Dispatch } from "../json-rpc.ts";
import { type Notification, subscriptionLimitReached } from "../pubsub/registry.ts";
import type { FaultSwitches } from "./switches.ts";

const SUBSCRIBE = /^(\w+)Subscribe$/;

/** The kind of subscription that a request asks for; null when it is any other request. */
const kindRequested = (text: string): string | null => {
  try {
    const { method } = JSON.parse(text) as { method?: unknown };
    return typeof method === "string" ? (SUBSCRIBE.exec(method)?.[1] ?? null) : null;
  } catch {
    return null;
  }
};

/** Refuses subscriptions as a node does that has too many. */
export const withRefusedSubscriptions =
  (faults: FaultSwitches, dispatch: Dispatch): Dispatch =>
  (method, params) => {
    const kind = SUBSCRIBE.exec(method)?.[1];
    if (kind !== undefined && faults.strike("refuseSubscription", kind)) throw subscriptionLimitReached();
    return dispatch(method, params);
  };

interface Packed {
  readonly acknowledgement: string;
  readonly notifications: string[];
  readonly wanted: number;
}

interface Connection {
  /** The TCP connection under the WebSocket. */
  readonly raw: Socket;
  readonly send: (text: string) => void;
}

/** Holds back the acknowledgements of one connection. `close` ends it. */
export const createAcknowledgementFaults = (faults: FaultSwitches, { raw, send }: Connection) => {
  const packed = new Map<unknown, Packed>();
  let wanted: number | null = null;

  const flush = (id: unknown, { acknowledgement, notifications }: Packed): void => {
    packed.delete(id);
    raw.cork();
    for (const text of [acknowledgement, ...notifications]) send(text);
    raw.uncork();
  };

  const close = faults.onSwitch((name) => {
    if (name !== "packAcknowledgement" || faults.setting("packAcknowledgement")) return;
    for (const [id, held] of packed) flush(id, held);
  });

  return {
    close,
    /** Passes a request on to `handle`, unless it is swallowed. */
    receive: (text: string, handle: (text: string) => void): void => {
      const isOn = faults.setting("withholdAcknowledgement") ?? faults.setting("packAcknowledgement");
      const kind = isOn ? kindRequested(text) : null;
      if (kind === null) {
        handle(text);
        return;
      }
      if (faults.strike("withholdAcknowledgement", kind)) return;
      const packing = faults.strike("packAcknowledgement", kind);
      wanted = packing && (packing.notifications ?? 1);
      handle(text);
      wanted = null;
    },
    /** Sends the answer to the request that is being handled. */
    answer: (text: string): void => {
      const id = wanted === null ? null : (JSON.parse(text) as { result?: unknown }).result;
      if (wanted === null || typeof id !== "number") send(text);
      else packed.set(id, { acknowledgement: text, notifications: [], wanted });
    },
    notify: ({ id, text }: Notification): void => {
      const held = packed.get(id);
      if (!held) {
        send(text);
        return;
      }
      held.notifications.push(text);
      if (held.notifications.length >= held.wanted) flush(id, held);
    },
  };
};
