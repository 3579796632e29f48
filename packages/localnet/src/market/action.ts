import type { Quote } from "./curve.ts";
import type { CoinIdentity } from "./names.ts";

/** One `buy` or `sell` instruction. */
export interface Leg extends Quote {
  readonly side: "buy" | "sell";
  readonly coin: number;
}

/**
 * One thing that somebody in the market does, by one transaction (an airdrop for `fund`). Wallets, coins and tokens
 * are numbers, amounts base units or lamports.
 */
export type Action =
  | { readonly kind: "fund"; readonly trader: number; readonly lamports: bigint }
  | {
      readonly kind: "create";
      readonly coin: number;
      readonly creator: number;
      /** `inline` names it in this transaction, `later` in one of its own, `none` never. */
      readonly naming: "inline" | "later" | "none";
      readonly identity: CoinIdentity;
      /** The creator's own purchase in the same transaction. */
      readonly firstBuy: Quote | null;
    }
  | {
      readonly kind: "name";
      readonly coin: number;
      readonly creator: number;
      readonly identity: CoinIdentity;
    }
  | {
      readonly kind: "trade";
      readonly trader: number;
      /** More than one: several CommCoin instructions in one transaction. */
      readonly legs: readonly Leg[];
      /** Reached by CPI from the router. */
      readonly routed: boolean;
    }
  | {
      readonly kind: "transfer";
      readonly coin: number;
      readonly from: number;
      readonly to: number;
      readonly amount: bigint;
      readonly checked: boolean;
    }
  | { readonly kind: "burn"; readonly coin: number; readonly owner: number; readonly amount: bigint }
  /** Sells more than is owned: meant to fail on chain. */
  | { readonly kind: "oversell"; readonly coin: number; readonly trader: number; readonly quote: Quote }
  /** Sells the rest and closes the token account. */
  | { readonly kind: "exit"; readonly coin: number; readonly trader: number; readonly quote: Quote }
  | {
      readonly kind: "create_extended";
      readonly token: number;
      readonly creator: number;
      readonly identity: CoinIdentity;
      readonly supply: bigint;
    }
  | {
      readonly kind: "transfer_extended";
      readonly token: number;
      readonly from: number;
      readonly to: number;
      readonly amount: bigint;
    };

export type ActionOf<Kind extends Action["kind"]> = Extract<Action, { kind: Kind }>;

/** An action and the form of its transaction. */
export interface Decision {
  readonly action: Action;
  readonly version: "legacy" | 0;
  /** Micro-lamports per compute unit; null without a compute budget. */
  readonly priorityFee: number | null;
}
