import type { LedgerEvent } from "../ledger/events.ts";
import type { LocalNode } from "../node.ts";
import { invalidParams, methodNotFound, RpcError } from "../rpc/errors.ts";
import { toJson } from "../rpc/json.ts";
import { subscribeAccount, subscribeProgram } from "./account-subscriptions.ts";
import { subscribeBlock } from "./block-subscription.ts";
import { subscribeLogs } from "./logs-subscription.ts";
import { subscribeSignature } from "./signature-subscription.ts";
import { subscribeRoot, subscribeSlot, subscribeSlotsUpdates } from "./slot-subscriptions.ts";
import type { Subscribe, Subscription } from "./subscription.ts";

/** `--rpc-pubsub-max-active-subscriptions` of agave. */
const MAX_SUBSCRIPTIONS = 1_000_000;

const kinds: Readonly<Record<string, Subscribe>> = {
  account: subscribeAccount,
  block: subscribeBlock,
  logs: subscribeLogs,
  program: subscribeProgram,
  root: subscribeRoot,
  signature: subscribeSignature,
  slot: subscribeSlot,
  slotsUpdates: subscribeSlotsUpdates,
};

export interface Notification {
  /** Kind of its subscription: `logs`, `slot` and so on. */
  readonly kind: string;
  /** Id of its subscription. */
  readonly id: number;
  /** The frame. */
  readonly text: string;
}

/** Where notifications of one connection go. */
export type Sink = (notification: Notification) => void;

export const subscriptionLimitReached = (): RpcError =>
  new RpcError(-32603, "Internal Error: Subscription refused. Node subscription limit reached");

export interface ActiveSubscription {
  readonly id: number;
  readonly kind: string;
  readonly sinks: ReadonlySet<Sink>;
}

interface Active extends ActiveSubscription {
  readonly subscription: Subscription;
  readonly sinks: Set<Sink>;
}

/**
 * All subscriptions of a node. Equal parameters share one id, on one connection and across connections, as in agave;
 * a notification is encoded once however many receive it.
 */
export const createSubscriptionRegistry = (node: LocalNode) => {
  const byKey = new Map<string, Active>();
  const byId = new Map<number, Active>();
  let lastId = 0;

  const subscribe = (kind: string, params: readonly unknown[], sink: Sink): number => {
    const read = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    if (!read) throw methodNotFound();
    const subscription = read(node, params);
    const known = byKey.get(subscription.key);
    if (known) {
      known.sinks.add(sink);
      return known.id;
    }
    if (byKey.size >= MAX_SUBSCRIPTIONS) {
      throw subscriptionLimitReached();
    }
    lastId += 1;
    const active = { id: lastId, kind, subscription, sinks: new Set([sink]) };
    byKey.set(subscription.key, active);
    byId.set(active.id, active);
    return active.id;
  };

  const remove = (active: Active, sink: Sink): void => {
    active.sinks.delete(sink);
    if (active.sinks.size > 0) return;
    byKey.delete(active.subscription.key);
    byId.delete(active.id);
  };

  const unsubscribe = (id: unknown, sink: Sink): true => {
    const active = typeof id === "number" ? byId.get(id) : undefined;
    if (!active?.sinks.has(sink)) throw invalidParams("Invalid subscription id.");
    remove(active, sink);
    return true;
  };

  return {
    /** Calls `xSubscribe` or `xUnsubscribe` for one connection. @throws {RpcError} */
    call: (method: string, params: readonly unknown[], sink: Sink): unknown => {
      const match = /^(\w+?)(Subscribe|Unsubscribe)$/.exec(method);
      const [, kind = "", action] = match ?? [];
      if (!Object.hasOwn(kinds, kind)) throw methodNotFound();
      return action === "Subscribe" ? subscribe(kind, params, sink) : unsubscribe(params[0], sink);
    },
    /** Ends all subscriptions of a connection. */
    drop: (sink: Sink): void => {
      for (const active of byId.values()) if (active.sinks.has(sink)) remove(active, sink);
    },
    /** Those of a kind, the oldest first. */
    ofKind: (wanted: string): readonly ActiveSubscription[] =>
      [...byId.values()].filter(({ kind }) => kind === wanted),
    publish: (event: LedgerEvent): void => {
      for (const active of byId.values()) {
        const { id, kind, subscription, sinks } = active;
        const notifications = subscription.report(event);
        if (!notifications) continue;
        for (const result of notifications.results) {
          const text = toJson({
            jsonrpc: "2.0",
            method: subscription.notification,
            params: { result, subscription: id },
          });
          const notification = { kind, id, text };
          for (const sink of sinks) sink(notification);
        }
        if (notifications.final) for (const sink of sinks) remove(active, sink);
      }
    },
  };
};

export type SubscriptionRegistry = ReturnType<typeof createSubscriptionRegistry>;
