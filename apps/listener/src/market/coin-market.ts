import type { MarketData } from "@commcoin/protocol";
import { placeOf } from "./place.ts";
import type { SavedMarket } from "./token-market-state.ts";
import { TokenMarket } from "./token-market.ts";

/** Something that moved a market: a trade, or the price of a new curve. */
export type Operation = SavedMarket["tentative"][number];
type Token = ConstructorParameters<typeof TokenMarket>[0];

/**
 * Most operations of a coin that can be taken back. At a thousand trades a second that is longer than any chain took to
 * make a slot final; beyond it the oldest count as final.
 */
const MAX_TENTATIVE = 20_000;

/**
 * A market whose newest operations can be taken back, as exactly as if they had never been: it is kept twice, with them
 * and without them, and made again from the latter when one of them goes.
 */
export class CoinMarket {
  readonly #token: Token;
  /** Without the tentative operations; null while there are none. */
  #base: TokenMarket | null = null;
  #current: TokenMarket;
  #tentative: Operation[] = [];
  /** Of the tentative operations. */
  #ids = new Set<string>();
  #settledSlot = -1;

  constructor(token: Token, saved?: SavedMarket) {
    this.#token = token;
    this.#current = new TokenMarket(token, saved?.base);
    if (saved === undefined) return;
    for (const operation of saved.tentative) this.apply(operation);
    this.settle(saved.settledSlot);
  }

  /** Whether there is something that can be taken back. */
  get tentative(): boolean {
    return this.#tentative.length > 0;
  }

  /** Applies an operation; false when it was applied before. */
  apply(operation: Operation): boolean {
    const { id, slot, trade } = operation;
    // A fork may have moved a trade behind what is settled: by its slot alone it would be new.
    if (this.#ids.has(id) || (trade !== null && this.#current.counted({ id, slot }))) return false;
    this.#base ??= this.#copy(this.#current);
    this.#tentative.push(operation);
    this.#ids.add(id);
    perform(this.#current, operation);
    if (this.#tentative.length > MAX_TENTATIVE)
      this.finalize(this.#tentative[MAX_TENTATIVE >> 1]?.slot ?? slot);
    return true;
  }

  /** Takes back what a transaction did; false when it did nothing that can be taken back. */
  retract(signature: string): boolean {
    const kept = this.#tentative.filter((operation) => operation.signature !== signature);
    if (kept.length === this.#tentative.length || this.#base === null) return false;
    this.#keep(kept);
    this.#current = this.#copy(this.#base);
    for (const operation of kept) perform(this.#current, operation);
    this.#current.settle(this.#settledSlot);
    if (kept.length === 0) this.#base = null;
    return true;
  }

  /** Nothing up to and including this slot will be taken back. */
  finalize(slot: number): void {
    const final = this.#tentative.filter((operation) => operation.slot <= slot);
    if (final.length === 0) return;
    const open = this.#tentative.filter((operation) => operation.slot > slot);
    this.#keep(open);
    if (open.length === 0) {
      this.#base = null;
      return;
    }
    if (this.#base === null) return;
    for (const operation of final) perform(this.#base, operation);
    const oldest = open.reduce((lowest, operation) => Math.min(lowest, operation.slot), Infinity);
    this.#base.settle(Math.min(this.#settledSlot, oldest - 1));
  }

  /** Tells that every trade up to and including this slot was applied: their ids need not be remembered. */
  settle(slot: number): void {
    this.#settledSlot = Math.max(this.#settledSlot, slot);
    this.#current.settle(this.#settledSlot);
  }

  /** See `TokenMarket.snapshot`. */
  snapshot(now: number): MarketData | null {
    return this.#current.snapshot(now);
  }

  /** Everything that a later process needs to go on. */
  save(): SavedMarket {
    return {
      base: (this.#base ?? this.#current).save(),
      tentative: [...this.#tentative],
      settledSlot: this.#settledSlot,
    };
  }

  #keep(operations: Operation[]): void {
    this.#tentative = operations;
    this.#ids = new Set(operations.map(({ id }) => id));
  }

  #copy(market: TokenMarket): TokenMarket {
    return new TokenMarket(this.#token, market.save());
  }
}

function perform(market: TokenMarket, { id, slot, index, price, trade }: Operation): void {
  const place = placeOf(slot, index);
  if (trade === null) market.seed(price, place);
  else market.applyTrade({ id, slot, place, price, ...trade });
}
