import type { Broker } from "@commcoin/broker";
import type { TransactionUpdate } from "@commcoin/protocol";

/** What was told of the transactions after a slot. */
export interface Told {
  /** Told as confirmed, and not how they ended. In the order in which they were told. */
  readonly open: ReadonlyMap<string, TransactionUpdate>;
  /** How they ended was told as well. */
  readonly ended: ReadonlySet<string>;
  /** False when the broker does not keep everything any more that was told of those slots. */
  readonly complete: boolean;
}

interface Message {
  readonly type: string;
  readonly data: TransactionUpdate;
}

const TOPIC = "transactions";
const PAGE = 1_000;
/** What a topic keeps at most, by far. */
const MAX_PAGES = 200;

const read = (frame: Uint8Array): readonly TransactionUpdate[] => {
  const { type, data } = JSON.parse(Buffer.from(frame).toString("utf8")) as Message;
  return type === "TransactionUpdate" ? [data] : [];
};

/** Reads back in `transactions`, page by page, until nothing of a page is about a later slot than `slot`. */
export async function readTold(broker: Pick<Broker, "history">, slot: number): Promise<Told> {
  const pages: (readonly TransactionUpdate[])[] = [];
  let page = await broker.history(TOPIC, { last: PAGE });
  let complete = false;
  while (pages.length < MAX_PAGES) {
    const [first] = page.deliveries;
    if (page.unrecovered !== null) break;
    const updates = page.deliveries.flatMap(({ frame }) => read(frame));
    pages.unshift(updates);
    // A topic with nothing in it may have lost everything.
    complete = first !== undefined && (first.offset === 1 || !updates.some((update) => update.slot > slot));
    if (complete || first === undefined) break;
    const since = { epoch: first.epoch, offset: Math.max(0, first.offset - 1 - PAGE) };
    page = await broker.history(TOPIC, { since, limit: first.offset - 1 - since.offset });
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
