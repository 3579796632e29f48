import { createBackoff, sleep } from "@commcoin/service/lifecycle";
import type { Gap } from "../blocks/gap-tasks.ts";
import type { CalmLog } from "../calm-log.ts";
import { errorText } from "../error-text.ts";
import type { NodeRpc, SignatureEntry } from "../rpc/node-rpc.ts";
import { listSignatures } from "./list-signatures.ts";
import type { SourceName } from "./source.ts";

interface Missed {
  readonly source: SourceName;
  readonly address: string;
  /** The first slot that matters. */
  readonly since: number;
  readonly rpc: NodeRpc;
  readonly calmLog: CalmLog;
  readonly largeGap: number;
  /** Takes what is too much to be listed. */
  readonly onGap: (gap: Gap) => void;
}

const BACKOFF = { minMs: 200, maxMs: 10_000 };

/** Lists what is to be caught up with, however long it takes; null when the signal aborts first. */
export async function listMissed(
  { source, address, since, rpc, calmLog, largeGap, onGap }: Missed,
  signal: AbortSignal,
): Promise<readonly SignatureEntry[] | null> {
  const backoff = createBackoff(BACKOFF);
  while (!signal.aborted) {
    try {
      const query = { address, fromSlot: since, largeGap, signal };
      const { entries, gap } = await listSignatures(rpc, query);
      if (gap !== null) onGap({ source, address, origin: "backfill", ...gap });
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
