import { sleep } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import type { CalmLog } from "../calm-log.ts";
import { errorText } from "../error-text.ts";
import type { ListenerMetrics } from "../metrics.ts";
import type { SeenSlots } from "../pipeline/seen-slots.ts";
import type { NodeRpc } from "../rpc/node-rpc.ts";
import { listSignatures } from "../sources/list-signatures.ts";
import type { Lane, SignatureNotification } from "../sources/source.ts";
import type { StreamCounts } from "../sources/stream-counts.ts";
import type { Watermarks } from "./watermarks.ts";

export interface AuditOptions {
  readonly rpc: NodeRpc;
  /** Milliseconds between two rounds, about. */
  readonly intervalMs: number;
  readonly lanes: () => readonly Lane[];
  readonly watermarks: Watermarks;
  readonly seen: Pick<SeenSlots, "has" | "floor">;
  /** Takes what nobody had reported. */
  readonly offer: (notification: SignatureNotification) => void;
  /** Resolves when what was found can be taken. */
  readonly room: (signal: AbortSignal) => Promise<void>;
  /** Name of the node whose streams are audited. */
  readonly endpoint: () => string;
  /** Called after each round that went through. */
  readonly onRound: () => Promise<void>;
  readonly log: Logger;
  readonly calmLog: CalmLog;
  readonly counts: Pick<StreamCounts, "add">;
  readonly metrics: Pick<ListenerMetrics, "backfillTruncated">;
}

export interface Audit {
  /** Runs until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Reading of the streams was held up: what they did not report until now is not missed. */
  excuse(): void;
  /** Milliseconds since the last round that went through, or since the first began. */
  readonly ageMs: number;
}

/** Rounds of several listeners should not meet. */
const JITTER = 0.2;
/** Coins are many, and what matters most of them is in the program's transactions: each round looks at some of them. */
const COINS_PER_ROUND = 20;
const CONCURRENCY = 4;
/** Two hundred thousand transactions of one address since its watermark. */
const MAX_PAGES = 200;

/**
 * Lists, again and again, what happened since each watermark, and brings what no stream reported. A slot is taken for
 * complete when it was confirmed one round before: by then the node has written down what is in it, and the streams had
 * the time of a round to report it.
 */
export function createAudit({
  rpc,
  intervalMs,
  lanes,
  watermarks,
  seen,
  offer,
  room,
  endpoint,
  onRound,
  log,
  calmLog,
  counts,
  metrics,
}: AuditOptions): Audit {
  /** Confirmed when the previous round began. */
  let ripe: number | null = null;
  let succeededAt = performance.now();
  let excused = false;

  const auditLane = async (
    { source, address }: Lane,
    upTo: number,
    head: number,
    signal: AbortSignal,
  ): Promise<void> => {
    const fromSlot = watermarks.of(address) + 1;
    if (fromSlot > upTo) return;
    const query = { address, fromSlot, minContextSlot: head, maxPages: MAX_PAGES, signal };
    const { entries, complete } = await listSignatures(rpc, query);
    if (signal.aborted) return;
    if (!complete) {
      metrics.backfillTruncated.inc({ source });
      const text = "more transactions were missed than can be listed; the oldest of them are not published";
      log.error({ source, address, from_slot: fromSlot, listed: entries.length }, text);
    }
    for (const { signature, slot, err } of entries) {
      if (slot > upTo) break;
      if (seen.has(signature)) continue;
      // Below the floor it may have been seen and forgotten; the broker knows.
      if (slot > seen.floor) counts.add("missed", source, endpoint());
      const receivedAt = performance.now();
      offer({ signature, slot, address, err, source, endpoint: null, origin: "audit", receivedAt });
    }
    watermarks.listed(address, upTo);
  };

  const choose = (): readonly Lane[] => {
    const all = lanes();
    watermarks.keep(new Set(all.map(({ address }) => address)));
    for (const { address, fromSlot } of all) watermarks.begin(address, fromSlot - 1);
    const coins = all
      .filter(({ coin }) => coin)
      .sort((a, b) => watermarks.of(a.address) - watermarks.of(b.address));
    return [...all.filter(({ coin }) => !coin), ...coins.slice(0, COINS_PER_ROUND)];
  };

  const round = async (signal: AbortSignal): Promise<void> => {
    await room(signal);
    if (signal.aborted) return;
    const head = await rpc.getSlot({ commitment: "confirmed" }).send({ abortSignal: signal });
    if (excused) {
      excused = false;
      ripe = null;
    }
    const upTo = ripe;
    if (upTo !== null) {
      const queue = [...choose()].values();
      const work = async (): Promise<void> => {
        for (const lane of queue) {
          if (signal.aborted) return;
          await auditLane(lane, upTo, head, signal);
        }
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, work));
    }
    ripe = head;
    if (signal.aborted) return;
    await onRound();
    succeededAt = performance.now();
  };

  return {
    async run(signal) {
      while (!signal.aborted) {
        try {
          await round(signal);
        } catch (error) {
          if (signal.aborted) break;
          calmLog.warn({ error: errorText(error) }, "an audit did not go through");
        }
        await sleep(intervalMs * (1 - JITTER + 2 * JITTER * Math.random()), signal);
      }
    },
    excuse() {
      excused = true;
    },
    get ageMs() {
      return performance.now() - succeededAt;
    },
  };
}
