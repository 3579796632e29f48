import type { Position } from "@commcoin/protocol";
import {
  FencedError,
  type Delivery,
  type History,
  type HistoryQuery,
  type Published,
  type Retention,
} from "../broker.ts";
import type { EncodedMessage } from "../encode-message.ts";
import { newEpoch } from "../epoch.ts";
import { historyRange } from "../history-range.ts";

interface Entry {
  readonly at: number;
  readonly delivery: Delivery;
}

/** One topic's messages, ids and fencing number. Times are of a clock that only grows, in milliseconds. */
export interface TopicLog {
  /** @throws {FencedError} */
  append(
    message: EncodedMessage,
    fence: number | undefined,
    now: number,
  ): { readonly published: Published; readonly delivery: Delivery | null };
  history(query: HistoryQuery, now: number): History;
  position(): Position;
}

/** Its bytes are made when they are wanted first: nobody reads most messages of most topics. */
class WrittenDelivery implements Delivery {
  readonly epoch: string;
  readonly offset: number;
  #text: string;
  #frame: Uint8Array | null = null;

  constructor(epoch: string, offset: number, head: string, tail: string) {
    this.epoch = epoch;
    this.offset = offset;
    // Not copied together yet: the tails of one event's messages are one string.
    this.#text = `${head}${offset}${tail}`;
  }

  get frame(): Uint8Array {
    if (this.#frame === null) {
      this.#frame = Buffer.from(this.#text);
      this.#text = "";
    }
    return this.#frame;
  }
}

export function createTopicLog(topic: string, { maxMessages, maxAgeMs }: Retention): TopicLog {
  const epoch = newEpoch();
  let top = 0;
  let highestFence = -1;
  /** What is before `start` was trimmed and is cut off now and then. */
  let entries: Entry[] = [];
  let start = 0;
  /** In the order of expiry, since all ids are remembered equally long. */
  const ids = new Map<string, { readonly offset: number; readonly at: number }>();

  const forgetOld = (now: number): void => {
    const tooOld = (at: number): boolean => at <= now - maxAgeMs;
    start = Math.max(start, entries.length - maxMessages);
    for (let entry = entries[start]; entry !== undefined && tooOld(entry.at); entry = entries[start])
      start += 1;
    if (start > 64 && start * 2 > entries.length) {
      entries = entries.slice(start);
      start = 0;
    }
    for (const [id, { at }] of ids) {
      if (!tooOld(at)) break;
      ids.delete(id);
    }
  };

  return {
    append({ id, head, tail }, fence, now) {
      if (fence !== undefined) {
        if (fence < highestFence) throw new FencedError(topic);
        highestFence = fence;
      }
      forgetOld(now);
      const known = ids.get(id);
      if (known !== undefined) {
        return { published: { epoch, offset: known.offset, duplicate: true }, delivery: null };
      }
      top += 1;
      const delivery = new WrittenDelivery(epoch, top, head, tail);
      entries.push({ at: now, delivery });
      ids.set(id, { offset: top, at: now });
      forgetOld(now);
      return { published: { epoch, offset: top, duplicate: false }, delivery };
    },
    history(query, now) {
      forgetOld(now);
      const position: Position = { epoch, offset: top };
      const oldest = top - (entries.length - start) + 1;
      const index = (offset: number): number => start + offset - oldest;
      const bytesAt = (offset: number): number => entries[index(offset)]?.delivery.frame.byteLength ?? 0;
      const { from, to, unrecovered, more } = historyRange(query, position, oldest, bytesAt);
      const deliveries = entries
        .slice(index(from), Math.max(index(from), index(to + 1)))
        .map(({ delivery }) => delivery);
      return { position, deliveries: unrecovered === null ? deliveries : [], unrecovered, more };
    },
    position: () => ({ epoch, offset: top }),
  };
}
