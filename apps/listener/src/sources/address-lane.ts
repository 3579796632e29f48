import { createBackoff, sleep } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import { errorText } from "../error-text.ts";
import { createAbortScope } from "../abort-scope.ts";
import type { CalmLog } from "../calm-log.ts";
import type { ListenerMetrics } from "../metrics.ts";
import { ConnectionLost } from "../rpc/connection-lost.ts";
import type { NodeRpc } from "../rpc/node-rpc.ts";
import { listSignatures } from "./list-signatures.ts";
import { mergeBackfill } from "./merge-backfill.ts";
import type { NodeConnection, Session } from "./node-connection.ts";
import { readLogsNotification } from "./notifications.ts";
import type { Intake, SignatureNotification, SourceName } from "./source.ts";

export interface LaneContext {
  readonly source: SourceName;
  readonly connection: NodeConnection;
  readonly rpc: NodeRpc;
  readonly intake: Intake;
  readonly log: Logger;
  /** For troubles that all lanes have at the same time. */
  readonly calmLog: CalmLog;
  readonly metrics: ListenerMetrics;
  /** Called when the subscription has caught up and is live, and when it ends. */
  readonly onLive: (live: boolean) => void;
}

/** How far a catch-up goes back beyond what was seen: repetitions are no harm, a block that was reordered would be. */
const REWIND_SLOTS = 8;
/** Fifty thousand transactions of one address. */
const MAX_BACKFILL_PAGES = 50;
/** Live notifications that wait for a catch-up; with more of them the connection is held. */
const MAX_WAITING = 10_000;
/** Entries passed on at once before room is asked for. */
const CHUNK = 500;
const BACKOFF = { minMs: 200, maxMs: 10_000 };

/**
 * Follows the transactions that mention one address, until the signal aborts. After every (re)subscription it lists
 * what happened since the last transaction it passed on: subscribe first, hold back what comes in, list, then go on,
 * which is the only order without a gap.
 * @param fromSlot the first slot that matters.
 */
export async function followAddress(
  address: string,
  fromSlot: number,
  { source, connection, rpc, intake, log, calmLog, metrics, onLive }: LaneContext,
  signal: AbortSignal,
): Promise<void> {
  const backoff = createBackoff(BACKOFF);
  /** Everything before it has been passed on. */
  let cursor = fromSlot;

  const notification = (
    { signature, slot, err }: { signature: string; slot: number; err: unknown },
    origin: "live" | "backfill",
  ): SignatureNotification => ({
    signature,
    slot,
    address,
    err,
    source,
    endpoint: connection.status().endpoint,
    origin,
    receivedAt: performance.now(),
  });

  /** Lists what is to be caught up with, however long it takes; null when the attempt ends first. */
  const list = async (ended: AbortSignal): Promise<readonly SignatureNotification[] | null> => {
    const since = Math.max(fromSlot, cursor - REWIND_SLOTS);
    const retry = createBackoff(BACKOFF);
    while (!ended.aborted) {
      try {
        const query = { address, fromSlot: since, maxPages: MAX_BACKFILL_PAGES, signal: ended };
        const { entries, complete } = await listSignatures(rpc, query);
        if (!complete) {
          metrics.backfillTruncated.inc({ source });
          const text =
            "more transactions were missed than can be listed; the oldest of them are not published";
          log.error({ source, address, from_slot: since, listed: entries.length }, text);
        }
        return entries.map((entry) => notification(entry, "backfill"));
      } catch (error) {
        if (ended.aborted) break;
        const delayMs = Math.round(retry.next());
        calmLog.warn(
          { source, address, retry_in_ms: delayMs, error: errorText(error) },
          "cannot list missed transactions",
        );
        await sleep(delayMs, ended);
      }
    }
    return null;
  };

  /** Runs one subscription to its end. */
  const follow = async (session: Session, attempt: AbortController): Promise<void> => {
    const ended = attempt.signal;
    const notifications = await session.subscriptions
      .logsNotifications({ mentions: [address] }, { commitment: "confirmed" })
      .subscribe({ abortSignal: ended });
    const holder = {};
    let waiting: SignatureNotification[] | null = [];

    const pass = (item: SignatureNotification): void => {
      intake.offer(item);
      cursor = Math.max(cursor, item.slot);
    };
    const catchUp = async (): Promise<void> => {
      const listed = await list(ended);
      if (listed === null) return;
      const missed = mergeBackfill(listed, waiting ?? []);
      waiting = [];
      for (let start = 0; start < missed.length; start += CHUNK) {
        await intake.room(ended);
        if (ended.aborted) return;
        for (const item of missed.slice(start, start + CHUNK)) pass(item);
      }
      for (const item of waiting) pass(item);
      waiting = null;
      connection.release(holder);
      backoff.reset();
      onLive(true);
      if (listed.length > 0) log.debug({ source, address, listed: listed.length }, "caught up");
    };

    const caughtUp = catchUp();
    try {
      for await (const value of notifications) {
        const read = readLogsNotification(value);
        if (read === "simulation") continue;
        if (read === null) {
          metrics.malformed.inc();
          continue;
        }
        const live = notification(read, "live");
        if (waiting === null) {
          pass(live);
        } else {
          waiting.push(live);
          if (waiting.length === MAX_WAITING) connection.hold(holder);
        }
      }
    } finally {
      attempt.abort();
      await caughtUp;
      connection.release(holder);
      onLive(false);
    }
  };

  while (!signal.aborted) {
    const session = await connection.session(signal);
    if (session === null) return;
    const attempt = createAbortScope();
    const end = (): void => attempt.abort();
    signal.addEventListener("abort", end);
    session.ended.addEventListener("abort", end);
    try {
      await follow(session, attempt);
    } catch (error) {
      if (!signal.aborted && !session.ended.aborted) {
        if (error instanceof ConnectionLost) session.end(error);
        const delayMs = Math.round(backoff.next());
        metrics.resubscribes.inc({ source });
        calmLog.warn(
          { source, address, retry_in_ms: delayMs, error: errorText(error) },
          "subscription failed",
        );
        await sleep(delayMs, signal);
      }
    } finally {
      attempt.abort();
      signal.removeEventListener("abort", end);
      session.ended.removeEventListener("abort", end);
    }
  }
}
