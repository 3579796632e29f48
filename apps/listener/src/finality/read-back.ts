import type { Broker, Delivery } from "@commcoin/broker";
import type { TransactionUpdate } from "@commcoin/protocol";

/** A part of what was told, in the order in which it was told. */
export interface ToldPage {
  readonly updates: readonly TransactionUpdate[];
  /** Whether the topic began with it. */
  readonly isFirst: boolean;
}

interface Message {
  readonly type: string;
  readonly data: TransactionUpdate;
}

const TOPIC = "transactions";
const PAGE = 1_000;
/** What a topic keeps at most, by far. */
const MAX_PAGES = 200;

const read = ({ frame }: Delivery): readonly TransactionUpdate[] => {
  const { type, data } = JSON.parse(Buffer.from(frame).toString("utf8")) as Message;
  return type === "TransactionUpdate" ? [data] : [];
};

/**
 * Reads `transactions` back from its end, page by page, as far as the broker keeps it. Without a page, nothing is kept.
 * @throws {BrokerUnavailableError}
 */
export async function* readBack(broker: Pick<Broker, "history">): AsyncGenerator<ToldPage> {
  let { deliveries } = await broker.history(TOPIC, { last: PAGE });
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const [first] = deliveries;
    if (first === undefined) return;
    const { epoch, offset } = first;
    yield { updates: deliveries.flatMap(read), isFirst: offset === 1 };
    const since = { epoch, offset: Math.max(0, offset - 1 - PAGE) };
    const before = await broker.history(TOPIC, { since, limit: offset - 1 - since.offset });
    // What is left of the oldest page is what the topic begins with by now.
    const kept = before.unrecovered === null ? before : await broker.history(TOPIC, { limit: PAGE });
    deliveries = kept.deliveries.filter((each) => each.epoch === epoch && each.offset < offset);
  }
}

/**
 * Whether nothing that was told before it is of a later slot. Only what is `live` keeps the order of the chain: ends are
 * told long after what they end, in bursts, and so is what audits and catch-ups find.
 */
export const isInOrder = ({ status, origin }: TransactionUpdate): boolean =>
  status === "confirmed" && origin === "live";
