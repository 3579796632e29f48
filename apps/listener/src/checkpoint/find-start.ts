import type { Broker } from "@commcoin/broker";
import type { Logger } from "@commcoin/service/telemetry";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import { settledSlot } from "../model/checkpoint.ts";
import type { NodeRpc } from "../rpc/node-rpc.ts";
import { createStartingPoint, type StartingPoint } from "../sources/starting-point.ts";
import { retry } from "../support/retry.ts";
import type { ThrottledLog } from "../support/throttled-log.ts";
import { createListenerState, type ListenerState } from "./listener-state.ts";
import { reportUnreadable } from "./report-unreadable.ts";

/** What has to be known of a chain to begin on it. */
export interface ChainStart {
  /** Hash of its first block, once it is known; null when the signal aborts first. */
  readonly network: (signal: AbortSignal) => Promise<string | null>;
  /** Whether it came in the place of another one: then all of it matters, as far as it is young. */
  readonly isNew: () => boolean;
}

export interface FindStartOptions {
  readonly broker: Pick<Broker, "states">;
  readonly rpc: NodeRpc;
  readonly chain: ChainStart;
  readonly commcoinProgramId: string;
  readonly log: Logger;
  readonly throttledLog: ThrottledLog;
  readonly metrics: ListenerMetrics;
}

/** Where publishing on a chain went to, and where it is kept. */
export interface Start {
  readonly state: ListenerState;
  readonly point: StartingPoint;
}

/** So old is a chain at most, in slots, of which everything is published when it comes in the place of another one. */
const YOUNG_SLOTS = 1_500;

/** Finds out where publishing on this chain went to, however long it takes; null when the signal aborts first. */
export async function findStart(
  { broker, rpc, chain, commcoinProgramId, log, throttledLog, metrics }: FindStartOptions,
  signal: AbortSignal,
): Promise<Start | null> {
  const retrying = { throttledLog, signal };
  const network = await chain.network(signal);
  if (network === null) return null;
  const state = createListenerState(
    broker.states,
    network,
    commcoinProgramId,
    reportUnreadable(log, metrics),
  );
  const read = await retry(
    "cannot read the checkpoint",
    async () => ({ checkpoint: await state.readCheckpoint() }),
    retrying,
  );
  const slot = await retry(
    "cannot reach the node over HTTP",
    () => rpc.getSlot({ commitment: "confirmed" }).send({ abortSignal: signal }),
    retrying,
  );
  if (read === null || slot === null) return null;
  const { checkpoint } = read;
  if (checkpoint !== null)
    log.info({ from_slot: settledSlot(checkpoint), slot }, "going on from a checkpoint");
  const isWhole = chain.isNew() && slot <= YOUNG_SLOTS;
  return { state, point: createStartingPoint(checkpoint, isWhole ? 0 : slot) };
}
