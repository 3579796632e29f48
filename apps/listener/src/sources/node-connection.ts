import { createBackoff, sleep } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import { isSolanaError, SOLANA_ERROR__RPC_SUBSCRIPTIONS__CHANNEL_CONNECTION_CLOSED } from "@solana/kit";
import { errorText } from "../error-text.ts";
import { createAbortScope } from "../abort-scope.ts";
import type { ListenerMetrics } from "../metrics.ts";
import { ConnectionLost } from "../rpc/connection-lost.ts";
import { publicUrl } from "../rpc/public-url.ts";
import { createSubscriptions, type NodeSubscriptions } from "../rpc/subscriptions.ts";
import { openChannel, type NodeChannel } from "../rpc/websocket-channel.ts";
import { readSlotNotification } from "./notifications.ts";
import { createSlotWatch, type SlotWatch } from "./slot-watch.ts";

/** One life of a connection. Its subscriptions end with it. */
export interface Session {
  readonly subscriptions: NodeSubscriptions;
  /** Aborted when the connection ended. */
  readonly ended: AbortSignal;
  /** Gives the connection up, so that a new one is opened. */
  end(reason: ConnectionLost): void;
}

export interface NodeStatus {
  /** The node's name: its URL without path and query. */
  readonly endpoint: string;
  /** Whether it stands by for the one that the streams come from. */
  readonly spare: boolean;
  readonly open: boolean;
  readonly slot: number | null;
  /** Milliseconds since the newest slot was announced; null while there is none. */
  readonly slotAgeMs: number | null;
  /** Connections to it that ended. */
  readonly reconnects: number;
}

/** A connection to one of several nodes, opened again whenever it ends. */
export interface NodeConnection {
  /** Keeps a connection open until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** The open session, or the next one; null when the signal aborts first. */
  session(signal: AbortSignal): Promise<Session | null>;
  /** Stops reading while anybody holds: what comes waits in the network, then in the node. */
  hold(holder: object): void;
  release(holder: object): void;
  /** Calls back for each slot that a node announces. @returns ends that. */
  onSlot(listener: (slot: number) => void): () => void;
  /** Of the node that the connection is with, or is tried with. */
  status(): NodeStatus;
  /** Of every node. */
  nodes(): readonly NodeStatus[];
}

export interface ConnectionOptions {
  readonly urls: readonly string[];
  readonly log: Logger;
  readonly metrics: ListenerMetrics;
  /** Least time without a slot after which the node is given up. */
  readonly slotStallMs: number;
}

const BACKOFF = { minMs: 100, maxMs: 10_000 };
/** A connection that lived so long was healthy; the next failure begins with a short delay again. */
const HEALTHY_AFTER_MS = 30_000;
const STALL_CHECK_MS = 1_000;
/** From this delay on, it is no hiccup any more. */
const SERIOUS_DELAY_MS = 5_000;

const asLoss = (error: unknown): ConnectionLost => {
  if (error instanceof ConnectionLost) return error;
  if (isSolanaError(error, SOLANA_ERROR__RPC_SUBSCRIPTIONS__CHANNEL_CONNECTION_CLOSED))
    return asLoss(error.cause);
  return new ConnectionLost("no_slots", `The slot subscription failed: ${errorText(error)}`, {
    cause: error,
  });
};

export function createNodeConnection({ urls, log, metrics, slotStallMs }: ConnectionOptions): NodeConnection {
  const holders = new Set<object>();
  const slotListeners = new Set<(slot: number) => void>();
  const waiting = new Set<(session: Session | null) => void>();
  let channel: NodeChannel | null = null;
  let session: Session | null = null;
  let watch: SlotWatch | null = null;
  let url = urls[0] ?? "";
  const reconnects = new Map<string, number>();

  /** Follows the node's slots until the connection ends. */
  const followSlots = async (opened: Session, watch: SlotWatch): Promise<void> => {
    try {
      const slots = await opened.subscriptions.slotNotifications().subscribe({ abortSignal: opened.ended });
      for await (const value of slots) {
        const slot = readSlotNotification(value);
        if (slot === null) continue;
        watch.seen(slot, performance.now());
        metrics.slot.set({ of: "node" }, slot);
        for (const listener of slotListeners) listener(slot);
      }
    } catch (error) {
      opened.end(asLoss(error));
    }
  };

  /** Opens a connection and stays with it to its end. */
  const live = async (signal: AbortSignal): Promise<ConnectionLost> => {
    const ended = createAbortScope();
    let stallCheck: NodeJS.Timeout | undefined;
    try {
      const opened = await openChannel({ url, signal });
      channel = opened;
      if (holders.size > 0) opened.pause();
      const started = createSlotWatch(performance.now(), slotStallMs);
      watch = started;
      session = {
        subscriptions: createSubscriptions(opened),
        ended: ended.signal,
        end: (reason) => opened.end(reason),
      };
      stallCheck = setInterval(() => {
        if (opened.paused) started.excuse(performance.now());
        const silent = started.stalledMs(performance.now());
        if (silent === null) return;
        opened.end(
          new ConnectionLost("no_slots", `The node announced no slot for ${Math.round(silent)} ms.`),
        );
      }, STALL_CHECK_MS);
      log.info({ endpoint: publicUrl(url) }, "connected to the node");
      const announce = [...waiting];
      waiting.clear();
      for (const resolve of announce) resolve(session);
      void followSlots(session, started);
      return await opened.lost;
    } catch (error) {
      return asLoss(error);
    } finally {
      clearInterval(stallCheck);
      channel = null;
      session = null;
      ended.abort();
    }
  };

  const status = (): NodeStatus => ({
    endpoint: publicUrl(url),
    spare: false,
    open: session !== null,
    slot: watch?.slot ?? null,
    slotAgeMs: watch === null || watch.slot === null ? null : performance.now() - watch.at,
    reconnects: reconnects.get(url) ?? 0,
  });

  return {
    async run(signal) {
      const backoff = createBackoff(BACKOFF);
      for (let turn = 0; !signal.aborted; turn += 1) {
        url = urls[turn % urls.length] ?? url;
        const openedAt = performance.now();
        const loss = await live(signal);
        if (signal.aborted) break;
        if (performance.now() - openedAt > HEALTHY_AFTER_MS) backoff.reset();
        const delayMs = Math.round(backoff.next());
        reconnects.set(url, (reconnects.get(url) ?? 0) + 1);
        metrics.reconnects.inc({ reason: loss.reason });
        const fields = { endpoint: publicUrl(url), reason: loss.reason, retry_in_ms: delayMs };
        const text = `connection to the node lost: ${loss.message}`;
        if (delayMs > SERIOUS_DELAY_MS) log.error(fields, text);
        else log.warn(fields, text);
        await sleep(delayMs, signal);
      }
      for (const resolve of waiting) resolve(null);
      waiting.clear();
    },

    session(signal) {
      if (signal.aborted) return Promise.resolve(null);
      if (session !== null) return Promise.resolve(session);
      return new Promise((resolve) => {
        const settle = (found: Session | null): void => {
          signal.removeEventListener("abort", onAbort);
          resolve(found);
        };
        const onAbort = (): void => {
          waiting.delete(settle);
          settle(null);
        };
        signal.addEventListener("abort", onAbort);
        waiting.add(settle);
      });
    },

    hold(holder) {
      holders.add(holder);
      channel?.pause();
    },
    release(holder) {
      if (holders.delete(holder) && holders.size === 0) channel?.resume();
    },

    onSlot(listener) {
      slotListeners.add(listener);
      return () => void slotListeners.delete(listener);
    },
    status,
    nodes: () =>
      urls.map((each) =>
        each === url
          ? status()
          : {
              endpoint: publicUrl(each),
              spare: true,
              open: false,
              slot: null,
              slotAgeMs: null,
              reconnects: reconnects.get(each) ?? 0,
            },
      ),
  };
}
