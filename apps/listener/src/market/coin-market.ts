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
  /** The tentative operations by their ids. */
  #known = new Map<string, Operation>();
  #settledSlot = -1;

  constructor(token: Token, saved?: SavedMarket) {
    this.#token = token;
    this.#current = new TokenMarket(token, saved?.base);
    if (saved === undefined) return;
    for (const operation of saved.tentative) this.apply(operation);
    this.settle(saved.settledSlot);
  }

  /** What can be taken back, in order. */
  get tentative(): readonly Operation[] {
    return this.#tentative;
  }

  /**
   * Applies an operation; false when it was applied before. One that a fork moved to a later slot stands there from then
   * on, as it was carried out there.
   */
  apply(operation: Operation): boolean {
    const { id, slot, trade } = operation;
    const known = this.#known.get(id);
    if (known !== undefined) {
      if (isNews(known, operation))
        this.#rebuild(this.#tentative.map((each) => (each === known ? operation : each)));
      return false;
    }
    if (trade !== null && this.#current.counted({ id, slot })) return false;
    this.#base ??= this.#copy(this.#current);
    this.#tentative.push(operation);
    this.#known.set(id, operation);
    perform(this.#current, operation);
    if (this.#tentative.length > MAX_TENTATIVE)
      this.finalize(this.#tentative[MAX_TENTATIVE >> 1]?.slot ?? slot);
    return true;
  }

  /** Takes back what a transaction did; false when it did nothing that can be taken back. */
  retract(signature: string): boolean {
    const kept = this.#tentative.filter((operation) => operation.signature !== signature);
    if (kept.length === this.#tentative.length) return false;
    this.#rebuild(kept);
    if (kept.length === 0) this.#base = null;
    return true;
  }

  /** What a transaction did stands in this slot, if it stood in an earlier one. @returns whether anything changed. */
  move(signature: string, slot: number): boolean {
    const isMoved = (operation: Operation): boolean =>
      operation.signature === signature && operation.slot < slot;
    if (!this.#tentative.some(isMoved)) return false;
    this.#rebuild(
      this.#tentative.map((operation) =>
        isMoved(operation) ? { ...operation, slot, index: null } : operation,
      ),
    );
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
    this.#known = new Map(operations.map((operation) => [operation.id, operation]));
  }

  /** Makes the market again from the operations that count now. */
  #rebuild(operations: Operation[]): void {
    if (this.#base === null) return;
    this.#keep(operations);
    this.#current = this.#copy(this.#base);
    for (const operation of operations) perform(this.#current, operation);
    this.#current.settle(this.#settledSlot);
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

/** Whether an operation says more than what is known of it: a later slot, another outcome there, or its place. */
function isNews(known: Operation, { slot, index, price, trade }: Operation): boolean {
  if (slot !== known.slot) return slot > known.slot;
  if (known.index === null && index !== null) return true;
  return price !== known.price || trade?.solLamports !== known.trade?.solLamports;
}
