import type { Broker } from "@commcoin/broker";
import type { Position, TransactionUpdate } from "@commcoin/protocol";
import { isInOrder, readBack } from "./read-back.ts";

/** What was told of the transactions after a slot. */
export interface PublishedUpdates {
  /** Published as confirmed, and not how they ended. In the order in which they were published. */
  readonly open: ReadonlyMap<string, TransactionUpdate>;
  /** How they ended was published as well. */
  readonly ended: ReadonlySet<string>;
  /** False when the broker does not keep everything any more that was told of those slots. */
  readonly complete: boolean;
}

/**
 * Reads back in `transactions`, page by page, until nothing before it can be about a later slot than `slot`.
 * @param beginning what came up to this position is of another chain.
 */
export async function readPublished(
  broker: Pick<Broker, "history">,
  slot: number,
  beginning: Position | null = null,
): Promise<PublishedUpdates> {
  const pages: (readonly TransactionUpdate[])[] = [];
  // A topic with nothing in it may have lost everything.
  let complete = false;
  for await (const { updates, isFirst } of readBack(broker, beginning)) {
    pages.unshift(updates);
    complete = isFirst || updates.some((update) => isInOrder(update) && update.slot <= slot);
    if (complete) break;
  }
  const open = new Map<string, TransactionUpdate>();
  const ended = new Set<string>();
  for (const update of pages.flat()) {
    const { transaction_id: signature, status } = update;
    if (status !== "confirmed") {
      ended.add(signature);
      open.delete(signature);
    } else if (update.slot > slot) open.set(signature, update);
  }
  return { open, ended, complete };
}
