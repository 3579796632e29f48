import type { Broker } from "@commcoin/broker";
import type { Position } from "@commcoin/protocol";
import type { ReadBlock } from "../blocks/read-block.ts";
import type { BlockWalker } from "../blocks/walker.ts";
import type { DecodeTransaction } from "../decode/decode-transaction.ts";
import type { Checkpoint } from "../model/checkpoint.ts";
import { fromUpdate } from "../model/published-transaction.ts";
import { fetchTransaction } from "../pipeline/fetch-transaction.ts";
import type { NodeRpc } from "../rpc/node-rpc.ts";
import { listSignatures } from "../sources/list-signatures.ts";
import { errorText } from "../support/error-text.ts";
import { retry } from "../support/retry.ts";
import type { ThrottledLog } from "../support/throttled-log.ts";
import type { Finality } from "./finality.ts";
import { readPublished, type PublishedUpdates } from "./read-published.ts";

export interface AdoptOptions {
  /** Null when the earlier publisher, if there was one, left none. */
  readonly checkpoint: Checkpoint | null;
  readonly broker: Pick<Broker, "history">;
  /** What was published up to this position is of another chain; null where nothing is. */
  readonly beginning: Position | null;
  readonly commcoinProgramId: string;
  readonly rpc: NodeRpc;
  readonly decode: DecodeTransaction;
  readonly finality: Pick<Finality, "confirmed" | "hold">;
  readonly throttledLog: ThrottledLog;
  readonly walker: BlockWalker;
  /** More transactions than these are not listed, but read from whole blocks. */
  readonly largeGap: number;
}

/**
 * Takes over what an earlier publisher published as confirmed and not to its end, and leaves it to finality. It is read where
 * it was published: the chain may have lost it since. Only what the broker does not keep any more is asked of a node.
 */
export async function adoptUnfinished(
  {
    checkpoint,
    broker,
    beginning,
    commcoinProgramId,
    rpc,
    decode,
    finality,
    throttledLog,
    walker,
    largeGap,
  }: AdoptOptions,
  signal: AbortSignal,
): Promise<void> {
  const { finalized, lanes } = checkpoint ?? { finalized: -1, lanes: [] };
  const release = finality.hold(finalized + 1);

  const retrying = { throttledLog, signal };
  const adopt = async (signature: string): Promise<void> => {
    const fetched = await fetchTransaction(rpc, signature, { signal, onNull: () => {}, onTrouble: () => {} });
    if (fetched === "aborted" || !("json" in fetched)) return;
    try {
      finality.confirmed(decode(fetched.json), "backfill");
    } catch (error) {
      throttledLog.warn({ signature, error: errorText(error) }, "cannot read a transaction to tell its end");
    }
  };
  const adoptForgotten = async ({ open, ended }: PublishedUpdates): Promise<void> => {
    const known = new Set([...open.keys(), ...ended]);
    const crowded: { readonly address: string; readonly watermark: number }[] = [];
    for (const { address, watermark } of lanes) {
      if (watermark <= finalized) continue;
      const query = { address, fromSlot: finalized + 1, largeGap, signal };
      const listed = await retry(
        "cannot list what waits for its end",
        () => listSignatures(rpc, query),
        retrying,
      );
      if (listed !== null && listed.gap !== null) crowded.push({ address, watermark });
      for (const { signature, slot, err } of listed?.entries ?? []) {
        if (slot > watermark || err !== null || known.has(signature)) continue;
        known.add(signature);
        await adopt(signature);
      }
    }
    if (crowded.length === 0) return;
    const addressesOf = (slot: number): readonly string[] =>
      crowded.filter(({ watermark }) => slot <= watermark).map(({ address }) => address);
    const range = { from: finalized + 1, to: Math.max(...crowded.map(({ watermark }) => watermark)) };
    const onBlock = ({ transactions }: ReadBlock): Promise<void> => {
      for (const { transaction } of transactions) {
        if (transaction === null || transaction.error !== null || known.has(transaction.signature)) continue;
        finality.confirmed(transaction, "backfill");
      }
      return Promise.resolve();
    };
    await walker.walk({ ...range, kind: "finality", addressesOf, onBlock }, signal);
  };

  const published = await retry(
    "cannot read what was told",
    () => readPublished(broker, finalized, beginning),
    retrying,
  );
  if (published === null) return;
  for (const update of published.open.values())
    finality.confirmed(fromUpdate(update, commcoinProgramId), "backfill");
  if (!published.complete) await adoptForgotten(published);
  if (!signal.aborted) release();
}
