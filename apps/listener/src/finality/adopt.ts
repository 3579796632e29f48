import { createBackoff, sleep } from "@commcoin/service/lifecycle";
import type { CalmLog } from "../calm-log.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { DecodeTransaction } from "../decode/decode-transaction.ts";
import { errorText } from "../error-text.ts";
import { fetchTransaction } from "../pipeline/fetch-transaction.ts";
import type { NodeRpc } from "../rpc/node-rpc.ts";
import { listSignatures } from "../sources/list-signatures.ts";
import type { Finality } from "./finality.ts";

export interface AdoptOptions {
  readonly checkpoint: Checkpoint;
  readonly rpc: NodeRpc;
  readonly decode: DecodeTransaction;
  readonly finality: Pick<Finality, "confirmed" | "hold">;
  readonly calmLog: CalmLog;
}

const MAX_PAGES = 50;
const BACKOFF = { minMs: 200, maxMs: 10_000 };

/**
 * Takes over what an earlier publisher told as confirmed and not to its end: lists it, reads it again, one by one beside
 * the live stream, and leaves it to finality.
 */
export async function adoptUnfinished(
  { checkpoint, rpc, decode, finality, calmLog }: AdoptOptions,
  signal: AbortSignal,
): Promise<void> {
  const { finalized, lanes } = checkpoint;
  const waiting = lanes.filter(({ watermark }) => watermark > finalized);
  if (waiting.length === 0) return;
  const release = finality.hold(finalized + 1);
  const adopted = new Set<string>();

  const adopt = async (signature: string): Promise<void> => {
    if (adopted.has(signature)) return;
    const fetched = await fetchTransaction(rpc, signature, { signal, onNull: () => {}, onTrouble: () => {} });
    if (fetched === "aborted") return;
    adopted.add(signature);
    if (!("json" in fetched)) return;
    try {
      finality.confirmed(decode(fetched.json), "backfill");
    } catch (error) {
      calmLog.warn({ signature, error: errorText(error) }, "cannot read a transaction to tell its end");
    }
  };
  const backoff = createBackoff(BACKOFF);
  while (!signal.aborted) {
    try {
      for (const { address, watermark } of waiting) {
        const query = { address, fromSlot: finalized + 1, maxPages: MAX_PAGES, signal };
        const { entries } = await listSignatures(rpc, query);
        for (const { signature, slot, err } of entries) {
          if (slot <= watermark && err === null) await adopt(signature);
        }
      }
      if (!signal.aborted) release();
      return;
    } catch (error) {
      if (signal.aborted) return;
      const delayMs = Math.round(backoff.next());
      calmLog.warn({ retry_in_ms: delayMs, error: errorText(error) }, "cannot list what waits for its end");
      await sleep(delayMs, signal);
    }
  }
}
