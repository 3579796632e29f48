import type { MarketData } from "@commcoin/protocol";
import { formatSol } from "../decode/decimal.ts";
import { BucketWindow } from "./bucket-window.ts";
import { CountedTrades } from "./counted-trades.ts";
import { formatChange, formatMarketCap, formatPrice, parsePrice } from "./price.ts";
import type { TokenMarketState } from "./token-market-state.ts";

const SECONDS_PER_MINUTE = 60;
const WINDOW_MINUTES = 24 * 60;

/** A trade that has a price. */
export interface MarketTrade {
  /** Event id: the same trade counts once. */
  readonly id: string;
  readonly slot: number;
  /** See `placeOf`. */
  readonly place: number;
  /** Unix seconds. */
  readonly time: number;
  /** SOL per token, decimal. */
  readonly price: string;
  readonly solLamports: bigint;
}

/** A price at a place in the chain. */
interface PricePoint {
  readonly price: bigint;
  readonly place: number;
}

/**
 * The market of one coin over the last 24 hours, in buckets of a minute: the window ends with the current minute
 * and begins 1,440 minutes before. Trades may come in any order; the newest price is that of the highest place, and
 * within a transaction that of the trade that came last.
 */
export class TokenMarket {
  readonly #mint: string;
  readonly #supply: bigint;
  readonly #decimals: number;
  readonly #window: BucketWindow;
  readonly #counted: CountedTrades;
  /** The minute up to which buckets are out of the window. */
  #evictedMinute = 0;
  #last: PricePoint | null = null;
  /** What `change_24h` compares with: the price at the window's start, or the first known after it. */
  #reference: (PricePoint & { readonly beforeWindow: boolean }) | null = null;

  /** @param token supply in base units. */
  constructor(
    token: { readonly mint: string; readonly supply: bigint; readonly decimals: number },
    state?: TokenMarketState,
  ) {
    this.#mint = token.mint;
    this.#supply = token.supply;
    this.#decimals = token.decimals;
    this.#window = new BucketWindow(state?.buckets);
    this.#counted = new CountedTrades(state?.settledSlot, state?.unsettled);
    if (state === undefined) return;
    this.#evictedMinute = state.evictedMinute;
    this.#last = state.last;
    this.#reference = state.reference;
  }

  /** Sets a first price, such as that of a new curve, unless an older one is known. */
  seed(price: string, place: number): void {
    const point = { price: parsePrice(price), place };
    if (this.#last === null || place > this.#last.place) this.#last = point;
    this.#refer(point, false);
  }

  /** Whether a trade was counted. */
  counted({ id, slot }: Pick<MarketTrade, "id" | "slot">): boolean {
    return this.#counted.has(id, slot);
  }

  /** Counts a trade; false when it was counted before. */
  applyTrade({ id, slot, place, time, price, solLamports }: MarketTrade): boolean {
    if (!this.#counted.count(id, slot)) return false;
    const point = { price: parsePrice(price), place };
    if (this.#last === null || place >= this.#last.place) this.#last = point;
    const minute = toMinute(time);
    const inWindow = minute > this.#evictedMinute;
    this.#refer(point, !inWindow);
    if (inWindow) this.#window.add({ minute, place, price: point.price, lamports: solLamports });
    return true;
  }

  /** Tells that every trade up to and including this slot was applied: their ids need not be remembered. */
  settle(slot: number): void {
    this.#counted.settle(slot);
  }

  /**
   * The market at `now`; null while no price is known. What leaves the window is gone for good: `now` should be
   * the time of the chain, which does not go back, rather than that of a clock.
   * @param now Unix seconds.
   */
  snapshot(now: number): MarketData | null {
    this.#evict(toMinute(now) - WINDOW_MINUTES);
    if (this.#last === null) return null;
    const { price } = this.#last;
    const { high, low } = this.#window.extremes ?? { high: price, low: price };
    return {
      token_id: this.#mint,
      price: formatPrice(price),
      change_24h: this.#reference === null ? null : formatChange(this.#reference.price, price),
      volume_24h: formatSol(this.#window.volumeLamports),
      high_24h: formatPrice(high),
      low_24h: formatPrice(low),
      trades_24h: this.#window.trades,
      market_cap: formatMarketCap(price, this.#supply, this.#decimals),
    };
  }

  /** Everything that a later process needs to go on. */
  save(): TokenMarketState {
    return {
      evictedMinute: this.#evictedMinute,
      settledSlot: this.#counted.settledSlot,
      last: this.#last,
      reference: this.#reference,
      unsettled: this.#counted.unsettled,
      buckets: this.#window.buckets.map((bucket) => ({ ...bucket })),
    };
  }

  #evict(minute: number): void {
    if (minute <= this.#evictedMinute) return;
    this.#evictedMinute = minute;
    for (const { close, closePlace } of this.#window.evict(minute)) {
      this.#refer({ price: close, place: closePlace }, true);
    }
  }

  /** Before the window the latest price counts, within it the first, and one before it more than any within. */
  #refer(point: PricePoint, beforeWindow: boolean): void {
    const known = this.#reference;
    const better =
      known === null ||
      (beforeWindow
        ? !known.beforeWindow || point.place >= known.place
        : !known.beforeWindow && point.place < known.place);
    if (better) this.#reference = { ...point, beforeWindow };
  }
}

const toMinute = (seconds: number): number => Math.floor(seconds / SECONDS_PER_MINUTE);
