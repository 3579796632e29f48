import type { Logger } from "@commcoin/service/telemetry";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { Content } from "../model/notification.ts";
import type { ReadBlock } from "./read-block.ts";

export interface OfferOptions {
  readonly offer: (signature: string, address: string, content: Content) => void;
  readonly log: Logger;
  readonly metrics: Pick<ListenerMetrics, "decodeErrors">;
}

/** Hands on what was read of a block, in its order; what could not be decoded is counted and logged. */
export function offerBlock({ slot, transactions }: ReadBlock, { offer, log, metrics }: OfferOptions): void {
  for (const { index, address, transaction, problem } of transactions) {
    if (problem !== null) {
      metrics.decodeErrors.inc();
      const signature = transaction?.signature ?? null;
      log.error({ signature, slot, index, error: problem }, "a transaction cannot be decoded");
    }
    if (transaction !== null) offer(transaction.signature, address, { transaction, index });
  }
}
