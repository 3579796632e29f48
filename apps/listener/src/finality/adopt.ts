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
import type { CalmLog } from "../support/calm-log.ts";
import { errorText } from "../support/error-text.ts";
import { insist } from "../support/insist.ts";
import type { Finality } from "./finality.ts";
import { readTold, type Told } from "./read-told.ts";

export interface AdoptOptions {
  /** Null when the earlier publisher, if there was one, left none. */
  readonly checkpoint: Checkpoint | null;
  readonly broker: Pick<Broker, "history">;
  /** What was told up to this position is of another chain; null where nothing is. */
  readonly beginning: Position | null;
  readonly commcoinProgramId: string;
  readonly rpc: NodeRpc;
  readonly decode: DecodeTransaction;
  readonly finality: Pick<Finality, "confirmed" | "hold">;
  readonly calmLog: CalmLog;
  readonly walker: BlockWalker;
  /** More transactions than these are not listed, but read from whole blocks. */
  readonly largeGap: number;
}

/**
 * Takes over what an earlier publisher told as confirmed and not to its end, and leaves it to finality. It is read where
 * it was told: the chain may have lost it since. Only what the broker does not keep any more is asked of a node.
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
    calmLog,
    walker,
    largeGap,
  }: AdoptOptions,
  signal: AbortSignal,
): Promise<void> {
  const { finalized, lanes } = checkpoint ?? { finalized: -1, lanes: [] };
  const release = finality.hold(finalized + 1);

  const insisting = { calmLog, signal };
  const adopt = async (signature: string): Promise<void> => {
    const fetched = await fetchTransaction(rpc, signature, { signal, onNull: () => {}, onTrouble: () => {} });
    if (fetched === "aborted" || !("json" in fetched)) return;
    try {
      finality.confirmed(decode(fetched.json), "backfill");
    } catch (error) {
      calmLog.warn({ signature, error: errorText(error) }, "cannot read a transaction to tell its end");
    }
  };
  const adoptForgotten = async ({ open, ended }: Told): Promise<void> => {
    const known = new Set([...open.keys(), ...ended]);
    const crowded: { readonly address: string; readonly watermark: number }[] = [];
    for (const { address, watermark } of lanes) {
      if (watermark <= finalized) continue;
      const query = { address, fromSlot: finalized + 1, largeGap, signal };
      const listed = await insist(
        "cannot list what waits for its end",
        () => listSignatures(rpc, query),
        insisting,
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

  const told = await insist(
    "cannot read what was told",
    () => readTold(broker, finalized, beginning),
    insisting,
  );
  if (told === null) return;
  for (const update of told.open.values())
    finality.confirmed(fromUpdate(update, commcoinProgramId), "backfill");
  if (!told.complete) await adoptForgotten(told);
  if (!signal.aborted) release();
}
