import type { Logger } from "@commcoin/service/telemetry";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import { createEndpoints, nameEndpoints } from "../rpc/endpoints.ts";
import type { NodeReports } from "../rpc/node-reports.ts";
import {
  createNodeConnection,
  type ConnectionStatus,
  type IsSurplus,
  type NodeConnection,
} from "./node-connection.ts";
import type { SlotNotification } from "./notifications.ts";
import { createSlotBelief } from "./slot-belief.ts";

export interface NodeStatus extends ConnectionStatus {
  /** Whether it stands by for those that the streams come from. */
  readonly spare: boolean;
  /** Connections to it that ended. */
  readonly reconnects: number;
}

/**
 * The connections that the streams come over: each brings everything, and the first to bring something counts. One that
 * is silent, slow or gone does not hold up what the other brings.
 */
export interface NodePool {
  readonly connections: readonly NodeConnection[];
  /** The connection that is with a node; undefined when none is. */
  find(endpoint: string): NodeConnection | undefined;
  /**
   * Keeps them open until the signal aborts; never rejects.
   * @param isSurplus whether a frame of a node is left unread; none is, without it.
   */
  run(signal: AbortSignal, isSurplus?: IsSurplus): Promise<void>;
  /** Stops reading from all of them while anybody holds. */
  hold(holder: object): void;
  release(holder: object): void;
  /** The newest slot that any node announced; null while there is none. */
  readonly slot: number | null;
  /** Calls back for each slot that a node announces, of each node. @returns ends that. */
  onSlot(listener: (slot: number) => void): () => void;
  /** Of every node: those that are connected, or tried, and the spares. */
  nodes(): readonly NodeStatus[];
}

export interface NodePoolOptions {
  readonly urls: readonly string[];
  readonly log: Logger;
  readonly metrics: Pick<
    ListenerMetrics,
    "reconnects" | "slot" | "nodeSlot" | "skippedSlots" | "finalityLag"
  >;
  /** A node may be another one by now, by its place among the URLs: its connection ended, or its slots went back. */
  readonly onDoubt?: (node: number) => void;
  /** Least time without a slot after which a node is given up. */
  readonly slotStallMs: number;
  readonly reports: Pick<NodeReports, "frame" | "lost">;
}

/** Two at a time: each shows what the other loses. Further nodes stand by. */
const STREAMS = 2;
/** No fork and no lag of a node behind others of its pool goes back so far in a hurry. */
const BACK_SLOTS = 64;
const DOUBT_INTERVAL_MS = 1_000;
/** More than any chain has skipped at a time. */
const MAX_SKIPPED = 100_000;

export function createNodePool({
  urls,
  log,
  metrics,
  onDoubt = () => {},
  slotStallMs,
  reports,
}: NodePoolOptions): NodePool {
  const taken = Math.min(STREAMS, urls.length);
  const names = nameEndpoints(urls);
  const endpoints = createEndpoints(names, taken);
  const doubt = (endpoint: string): void => onDoubt(names.findIndex(({ name }) => name === endpoint));
  const highest = new Map<string, number>();
  const reconnects = new Map<string, number>();
  const slotListeners = new Set<(slot: number) => void>();
  const belief = createSlotBelief();
  const doubtedAt = new Map<string, number>();
  let newest: number | null = null;
  /** However often a node's slots go back, it is asked for its chain now and then. */
  const wentBack = (endpoint: string): void => {
    const now = performance.now();
    if (now - (doubtedAt.get(endpoint) ?? -Infinity) < DOUBT_INTERVAL_MS) return;
    doubtedAt.set(endpoint, now);
    doubt(endpoint);
  };
  const onSlot = (endpoint: string, { slot, skipped, root }: SlotNotification): boolean => {
    if (!belief.believes(endpoint, slot)) {
      reports.frame(endpoint, "unbelievable", `It announced slot ${slot}, which it cannot have reached.`);
      return false;
    }
    metrics.nodeSlot.set({ endpoint }, slot);
    const before = highest.get(endpoint) ?? slot;
    highest.set(endpoint, slot < before - BACK_SLOTS ? slot : Math.max(slot, before));
    if (slot < before - BACK_SLOTS) wentBack(endpoint);
    metrics.skippedSlots.inc({ endpoint }, Math.min(skipped, MAX_SKIPPED));
    if (root !== null) metrics.finalityLag.set({ endpoint }, slot - root);
    newest = Math.max(slot, ...connections.map((connection) => connection.status().slot ?? 0));
    metrics.slot.set({ of: "node" }, newest);
    for (const listener of slotListeners) listener(slot);
    return true;
  };
  const connections = endpoints.all.slice(0, taken).map((endpoint) =>
    createNodeConnection({
      endpoint,
      exchange: (current) => endpoints.exchange(current),
      onLost(name, loss) {
        reconnects.set(name, (reconnects.get(name) ?? 0) + 1);
        reports.lost(name, loss);
        doubt(name);
      },
      onFault: (name, fault, words) => reports.frame(name, fault, words),
      onSlot,
      log,
      metrics,
      slotStallMs,
    }),
  );
  return {
    connections,
    find: (endpoint) => connections.find((connection) => connection.status().endpoint === endpoint),
    async run(signal, isSurplus) {
      await Promise.all(connections.map((connection) => connection.run(signal, isSurplus)));
    },
    hold(holder) {
      for (const connection of connections) connection.hold(holder);
    },
    release(holder) {
      for (const connection of connections) connection.release(holder);
    },
    get slot() {
      return newest;
    },
    onSlot(listener) {
      slotListeners.add(listener);
      return () => void slotListeners.delete(listener);
    },
    nodes() {
      const connected = connections.map((connection) => ({ ...connection.status(), spare: false }));
      const spare = endpoints.spares.map(({ name }) => ({
        endpoint: name,
        state: "idle" as const,
        slot: null,
        slotAgeMs: null,
        spare: true,
      }));
      return [...connected, ...spare].map((node) => ({
        ...node,
        reconnects: reconnects.get(node.endpoint) ?? 0,
      }));
    },
  };
}
