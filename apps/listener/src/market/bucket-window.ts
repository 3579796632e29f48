/** What was traded within one minute. Prices are integers of 10^-40 SOL. */
export interface Bucket {
  /** Unix time in minutes. */
  readonly minute: number;
  volumeLamports: bigint;
  trades: number;
  high: bigint;
  low: bigint;
  /** Price of the minute's last trade, in the order of the chain, and its place. */
  close: bigint;
  closePlace: number;
}

export interface WindowTrade {
  readonly minute: number;
  readonly place: number;
  readonly price: bigint;
  readonly lamports: bigint;
}

/** The newest minutes, with their totals kept up to date as trades come and minutes go. */
export class BucketWindow {
  /** Sorted by minute; minutes without a trade are not there. */
  readonly #buckets: Bucket[];
  #volumeLamports = 0n;
  #trades = 0;
  /** Null when the bucket that held one of them went: they are found again when they are asked for. */
  #extremes: { high: bigint; low: bigint } | null = null;

  constructor(buckets: readonly Bucket[] = []) {
    this.#buckets = buckets.map((bucket) => ({ ...bucket }));
    for (const { volumeLamports, trades } of buckets) {
      this.#volumeLamports += volumeLamports;
      this.#trades += trades;
    }
  }

  get buckets(): readonly Readonly<Bucket>[] {
    return this.#buckets;
  }

  get volumeLamports(): bigint {
    return this.#volumeLamports;
  }

  get trades(): number {
    return this.#trades;
  }

  /** Highest and lowest price; null when nothing was traded. */
  get extremes(): { readonly high: bigint; readonly low: bigint } | null {
    if (this.#extremes === null) {
      for (const { high, low } of this.#buckets) this.#widen(high, low);
    }
    return this.#extremes;
  }

  add({ minute, place, price, lamports }: WindowTrade): void {
    const known = this.extremes !== null || this.#buckets.length === 0;
    const bucket = this.#bucketOf(minute, price, place);
    bucket.volumeLamports += lamports;
    bucket.trades++;
    if (price > bucket.high) bucket.high = price;
    if (price < bucket.low) bucket.low = price;
    if (place >= bucket.closePlace) {
      bucket.close = price;
      bucket.closePlace = place;
    }
    this.#volumeLamports += lamports;
    this.#trades++;
    if (known) this.#widen(price, price);
  }

  /** Takes the minutes up to and including `minute` out, oldest first. */
  evict(minute: number): readonly Readonly<Bucket>[] {
    const kept = this.#buckets.findIndex((bucket) => bucket.minute > minute);
    const gone = this.#buckets.splice(0, kept < 0 ? this.#buckets.length : kept);
    for (const { volumeLamports, trades, high, low } of gone) {
      this.#volumeLamports -= volumeLamports;
      this.#trades -= trades;
      if (this.#extremes?.high === high || this.#extremes?.low === low) this.#extremes = null;
    }
    return gone;
  }

  #bucketOf(minute: number, price: bigint, place: number): Bucket {
    const at = this.#buckets.findLastIndex((bucket) => bucket.minute <= minute);
    const found = this.#buckets[at];
    if (found?.minute === minute) return found;
    const bucket: Bucket = {
      minute,
      volumeLamports: 0n,
      trades: 0,
      high: price,
      low: price,
      close: price,
      closePlace: place,
    };
    this.#buckets.splice(at + 1, 0, bucket);
    return bucket;
  }

  #widen(high: bigint, low: bigint): void {
    if (this.#extremes === null) {
      this.#extremes = { high, low };
      return;
    }
    if (high > this.#extremes.high) this.#extremes.high = high;
    if (low < this.#extremes.low) this.#extremes.low = low;
  }
}
