import type { Position } from "@commcoin/protocol";

/** The client told the application that what lies between two positions will not come. */
export interface Told {
  readonly from: Position;
  readonly to: Position;
}

export type LogEntry =
  | { readonly type: "message"; readonly offset: number; readonly number: number }
  | ({ readonly type: "told" } & Told);

const FIRST_CAPACITY = 1_024;
/** Marks an entry of `#told` among messages, whose offsets are above 0. */
const TOLD = -1;

/** What one client was handed in one topic, in order. Compact, since there are thousands with thousands of messages. */
export class DeliveryLog {
  readonly topic: string;
  readonly start: Position;
  /** Number of the newest message by number. */
  newest = -1;
  #pairs = new Int32Array(FIRST_CAPACITY);
  #used = 0;
  readonly #told: Told[] = [];

  /** @param start up to where the client had everything when it subscribed. */
  constructor(topic: string, start: Position) {
    this.topic = topic;
    this.start = start;
  }

  message(offset: number, number: number): void {
    this.#push(offset, number);
    if (number > this.newest) this.newest = number;
  }

  told(told: Told): void {
    this.#push(TOLD, this.#told.push(told) - 1);
  }

  *entries(): Generator<LogEntry> {
    for (let at = 0; at < this.#used; at += 2) {
      const [offset = 0, number = 0] = this.#pairs.subarray(at, at + 2);
      const told = offset === TOLD ? this.#told[number] : undefined;
      yield told === undefined ? { type: "message", offset, number } : { type: "told", ...told };
    }
  }

  #push(first: number, second: number): void {
    if (this.#used === this.#pairs.length) {
      const larger = new Int32Array(2 * this.#used);
      larger.set(this.#pairs);
      this.#pairs = larger;
    }
    this.#pairs[this.#used] = first;
    this.#pairs[this.#used + 1] = second;
    this.#used += 2;
  }
}
