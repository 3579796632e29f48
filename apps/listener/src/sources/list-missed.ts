import { createBackoff, sleep } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import type { CalmLog } from "../calm-log.ts";
import { errorText } from "../error-text.ts";
import type { ListenerMetrics } from "../metrics.ts";
import type { NodeRpc, SignatureEntry } from "../rpc/node-rpc.ts";
import { listSignatures } from "./list-signatures.ts";
import type { SourceName } from "./source.ts";

interface Missed {
  readonly source: SourceName;
  readonly address: string;
  /** The first slot that matters. */
  readonly since: number;
  readonly rpc: NodeRpc;
  readonly log: Logger;
  readonly calmLog: CalmLog;
  readonly metrics: Pick<ListenerMetrics, "backfillTruncated">;
}

/** Fifty thousand transactions of one address. */
const MAX_PAGES = 50;
const BACKOFF = { minMs: 200, maxMs: 10_000 };

/** Lists what is to be caught up with, however long it takes; null when the signal aborts first. */
export async function listMissed(
  { source, address, since, rpc, log, calmLog, metrics }: Missed,
  signal: AbortSignal,
): Promise<readonly SignatureEntry[] | null> {
  const backoff = createBackoff(BACKOFF);
  while (!signal.aborted) {
    try {
      const query = { address, fromSlot: since, maxPages: MAX_PAGES, signal };
      const { entries, complete } = await listSignatures(rpc, query);
      if (!complete) {
        metrics.backfillTruncated.inc({ source });
        const text = "more transactions were missed than can be listed; the oldest of them are not published";
        log.error({ source, address, from_slot: since, listed: entries.length }, text);
      }
      return entries;
    } catch (error) {
      if (signal.aborted) break;
      const delayMs = Math.round(backoff.next());
      const fields = { source, address, retry_in_ms: delayMs, error: errorText(error) };
      calmLog.warn(fields, "cannot list missed transactions");
      await sleep(delayMs, signal);
    }
  }
  return null;
}
