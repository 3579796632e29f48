import { createBackoff, sleep, untilAborted } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import { isSolanaError, SOLANA_ERROR__RPC_SUBSCRIPTIONS__CHANNEL_CONNECTION_CLOSED } from "@solana/kit";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { Gap } from "../model/gap.ts";
import type { Intake, SignatureNotification, SourceName } from "../model/notification.ts";
import { ConnectionLost } from "../rpc/connection-lost.ts";
import type { NodeReports } from "../rpc/node-reports.ts";
import type { NodeRpc } from "../rpc/node-rpc.ts";
import { createAbortScope } from "../support/abort-scope.ts";
import { errorText } from "../support/error-text.ts";
import type { ThrottledLog } from "../support/throttled-log.ts";
import {
  admit,
  LANE_START,
  nextLane,
  type LaneCommand,
  type LaneEventType,
  type LaneStateName,
} from "./lane-state.ts";
import { listMissed } from "./list-missed.ts";
import { mergeBackfill } from "./merge-backfill.ts";
import type { NodeConnection, Session } from "./node-connection.ts";
import { readLogsNotification } from "./notifications.ts";

export interface LaneContext {
  readonly source: SourceName;
  readonly connection: NodeConnection;
  readonly rpc: NodeRpc;
  readonly intake: Intake;
  readonly log: Logger;
  /** For troubles that all lanes have at the same time. */
  readonly throttledLog: ThrottledLog;
  readonly metrics: Pick<ListenerMetrics, "malformed" | "resubscribes">;
  readonly reports: Pick<NodeReports, "subscription">;
  /** More transactions than these are not listed, but read from whole blocks. */
  readonly largeGap: number;
  readonly onGap: (gap: Gap) => void;
  /** Called with the state after each change of it, and with the node that it is about. */
  readonly onState: (state: LaneStateName, endpoint: string) => void;
}

/** How far a catch-up goes back beyond what was seen: repetitions are no harm, a block that was reordered would be. */
const REWIND_SLOTS = 8;
/** Live notifications that wait for a catch-up; with more of them the connection is held. */
const MAX_HELD = 10_000;
/** Entries passed on at once before room is asked for. */
const CHUNK = 500;
const BACKOFF = { minMs: 200, maxMs: 10_000 };

/**
 * Brings the transactions that mention one address over one connection, until the signal aborts. After every
 * (re)subscription it lists what happened since the last transaction that it passed on.
 * @param fromSlot the first slot that matters.
 */
export async function followAddress(
  address: string,
  fromSlot: number,
  {
    source,
    connection,
    rpc,
    intake,
    log,
    throttledLog,
    metrics,
    reports,
    largeGap,
    onGap,
    onState,
  }: LaneContext,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const backoff = createBackoff(BACKOFF);
  const work = new Set<Promise<void>>();
  let state = LANE_START;
  let session: Session | null = null;
  /** Everything that the present attempt began, its back-off included, ends with it. */
  let scope = createAbortScope();
  /** Everything before it has been passed on. */
  let cursor = fromSlot;
  let held: SignatureNotification[] = [];
  let failure: unknown = null;

  const begin = (task: Promise<void>): void => {
    const tracked = task.finally(() => work.delete(tracked));
    work.add(tracked);
  };
  const notification = (
    { signature, slot, err }: { signature: string; slot: number; err: unknown },
    origin: "live" | "backfill",
    endpoint: string,
  ): SignatureNotification => ({
    signature,
    slot,
    address,
    err,
    source,
    endpoint,
    origin,
    receivedAt: performance.now(),
  });
  const pass = (item: SignatureNotification): void => {
    intake.offer(item);
    cursor = Math.max(cursor, item.slot);
  };

  const take = (value: unknown, generation: number, endpoint: string): void => {
    const read = readLogsNotification(value);
    if (read === "simulation") return;
    if (read === null) {
      metrics.malformed.inc();
      return;
    }
    const admission = admit(state, generation);
    if (admission === "drop") return;
    const live = notification(read, "live", endpoint);
    if (admission === "pass") pass(live);
    else if (held.push(live) === MAX_HELD) connection.hold(held);
  };

  const subscribe = async (
    { subscriptions, endpoint }: Session,
    generation: number,
    ended: AbortSignal,
  ): Promise<void> => {
    try {
      const notifications = await subscriptions
        .logsNotifications({ mentions: [address] }, { commitment: "confirmed" })
        .subscribe({ abortSignal: ended });
      dispatch("acknowledged", generation);
      for await (const value of notifications) take(value, generation, endpoint);
    } catch (error) {
      // With the connection ends whatever hangs on it, which it tells by itself.
      if (ended.aborted || isSolanaError(error, SOLANA_ERROR__RPC_SUBSCRIPTIONS__CHANNEL_CONNECTION_CLOSED))
        return;
      // A node that does not even acknowledge is no node to stay with.
      if (error instanceof ConnectionLost) {
        connection.lose(error);
        return;
      }
      failure = error;
      reports.subscription(endpoint, error);
      dispatch("failed", generation);
    }
  };

  const backfill = async ({ endpoint }: Session, generation: number, ended: AbortSignal): Promise<void> => {
    const since = Math.max(fromSlot, cursor - REWIND_SLOTS);
    const listed = await listMissed({ source, address, since, rpc, throttledLog, largeGap, onGap }, ended);
    if (listed === null) return;
    const missed = mergeBackfill(
      listed.map((entry) => notification(entry, "backfill", endpoint)),
      held.splice(0),
    );
    for (let start = 0; start < missed.length; start += CHUNK) {
      await intake.untilCapacity(ended);
      if (ended.aborted) return;
      for (const item of missed.slice(start, start + CHUNK)) pass(item);
    }
    if (listed.length > 0) log.debug({ source, address, endpoint, listed: listed.length }, "caught up");
    dispatch("caught_up", generation);
  };

  const commands: Readonly<Record<LaneCommand, () => void>> = {
    subscribe() {
      scope = createAbortScope();
      held = [];
      if (session !== null) begin(subscribe(session, state.generation, scope.signal));
    },
    backfill() {
      if (session !== null) begin(backfill(session, state.generation, scope.signal));
    },
    go_live() {
      for (const item of held.splice(0)) pass(item);
      connection.release(held);
      backoff.reset();
    },
    end() {
      scope.abort();
      connection.release(held);
      held = [];
    },
    wait() {
      const { generation } = state;
      const delayMs = Math.round(backoff.next());
      metrics.resubscribes.inc({ source });
      const fields = { source, address, retry_in_ms: delayMs, error: errorText(failure) };
      throttledLog.warn(fields, "subscription failed");
      scope = createAbortScope();
      begin(sleep(delayMs, scope.signal).then(() => dispatch("retry", generation)));
    },
    cancel_wait: () => scope.abort(),
  };

  let endpoint = connection.status().endpoint;
  const dispatch = (type: LaneEventType, generation?: number): void => {
    const before = state;
    const step = nextLane(state, generation === undefined ? { type } : { type, generation });
    state = step.state;
    for (const command of step.commands) commands[command]();
    if (state.name !== before.name) onState(state.name, endpoint);
  };

  const unwatch = connection.watch((next) => {
    if (next !== null) endpoint = next.endpoint;
    session = next;
    dispatch(next === null ? "disconnected" : "connected");
  });
  await untilAborted(signal);
  unwatch();
  dispatch("stop");
  while (work.size > 0) await Promise.all(work);
}
