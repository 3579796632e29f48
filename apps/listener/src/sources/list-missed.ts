import type { Gap } from "../model/gap.ts";
import type { SourceName } from "../model/notification.ts";
import type { NodeRpc, SignatureEntry } from "../rpc/node-rpc.ts";
import { retry } from "../support/retry.ts";
import type { ThrottledLog } from "../support/throttled-log.ts";
import { listSignatures } from "./list-signatures.ts";

interface Missed {
  readonly source: SourceName;
  readonly address: string;
  /** The first slot that matters. */
  readonly since: number;
  readonly rpc: NodeRpc;
  readonly throttledLog: ThrottledLog;
  readonly largeGap: number;
  /** Takes what is too much to be listed. */
  readonly onGap: (gap: Gap) => void;
}

/** Lists what is to be caught up with, however long it takes; null when the signal aborts first. */
export const listMissed = (
  { source, address, since, rpc, throttledLog, largeGap, onGap }: Missed,
  signal: AbortSignal,
): Promise<readonly SignatureEntry[] | null> =>
  retry(
    "cannot list missed transactions",
    async () => {
      const { entries, gap } = await listSignatures(rpc, { address, fromSlot: since, largeGap, signal });
      if (gap !== null) onGap({ source, address, origin: "backfill", ...gap });
      return entries;
    },
    { throttledLog, signal, fields: { source, address } },
  );
