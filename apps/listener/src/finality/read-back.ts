import type { Broker, Delivery } from "@commcoin/broker";
import type { Position, TransactionUpdate } from "@commcoin/protocol";

/** A part of what was published, in the order in which it was published. */
export interface PublishedPage {
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
 * @param beginning what came up to this position is not read: it is of another chain.
 * @throws {BrokerUnavailableError}
 */
export async function* readBack(
  broker: Pick<Broker, "history">,
  beginning: Position | null = null,
): AsyncGenerator<PublishedPage> {
  const before = (epoch: string): number => (beginning?.epoch === epoch ? beginning.offset : 0);
  let { deliveries } = await broker.history(TOPIC, { last: PAGE });
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const [first] = deliveries;
    if (first === undefined) return;
    const { epoch, offset } = first;
    const isFirst = offset <= before(epoch) + 1;
    yield { updates: deliveries.filter((each) => each.offset > before(epoch)).flatMap(read), isFirst };
    if (isFirst) return;
    const since = { epoch, offset: Math.max(0, offset - 1 - PAGE) };
    const older = await broker.history(TOPIC, { since, limit: offset - 1 - since.offset });
    // What is left of the oldest page is what the topic begins with by now.
    const kept = older.unrecovered === null ? older : await broker.history(TOPIC, { limit: PAGE });
    deliveries = kept.deliveries.filter((each) => each.epoch === epoch && each.offset < offset);
  }
}

/**
 * Whether nothing that was published before it is of a later slot. Only what is `live` keeps the order of the chain: ends are
 * told long after what they end, in bursts, and so is what audits and catch-ups find.
 */
export const isInOrder = ({ status, origin }: TransactionUpdate): boolean =>
  status === "confirmed" && origin === "live";
