import type { ReportProblem } from "../pipeline/decode-problems.ts";
import type { Content } from "../sources/source.ts";
import type { ReadBlock } from "./read-block.ts";

export interface OfferOptions {
  readonly offer: (signature: string, address: string, content: Content) => void;
  readonly report: ReportProblem;
}

/** Hands on what was read of a block, in its order; what could not be decoded is reported. */
export function offerBlock({ slot, transactions }: ReadBlock, { offer, report }: OfferOptions): void {
  for (const { index, address, transaction, problem } of transactions) {
    if (problem !== null) report({ signature: transaction?.signature ?? null, slot }, problem);
    if (transaction !== null) offer(transaction.signature, address, { transaction, index });
  }
}
