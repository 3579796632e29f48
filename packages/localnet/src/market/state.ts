import { COIN_SUPPLY, INITIAL_VIRTUAL_SOL_RESERVES } from "../commcoin/bonding-curve-state.ts";
import type { CoinIdentity } from "./names.ts";

export const LAMPORTS_PER_SOL = 1_000_000_000n;

/** How large the market gets; nothing in it grows beyond. */
export interface MarketLimits {
  /** Wallets that trade. */
  readonly traders: number;
  /** Coins that are traded at a time; one more retires one. */
  readonly coins: number;
  /** Wallets that hold one coin. */
  readonly crowd: number;
  /** Token-2022 tokens that are moved at a time. */
  readonly extendedTokens: number;
  /** Transactions between two new coins. */
  readonly coinInterval: number;
}

/** A coin as its traders see it. It is known by number; keys are made of numbers elsewhere. */
export interface Coin {
  readonly number: number;
  readonly creator: number;
  /** Names that are still to be written by a transaction of their own; null when there is nothing to write. */
  readonly unnamed: CoinIdentity | null;
  /** Lamports and base units of the constant-product curve that prices are taken from. */
  readonly virtualSol: bigint;
  readonly virtualTokens: bigint;
  /** Base units of each wallet with a token account for it, zero included. */
  readonly holders: ReadonlyMap<number, bigint>;
  readonly createdAt: number;
  /** No longer bought: its holders sell and close their accounts, then it is forgotten. */
  readonly retired: boolean;
}

/** A Token-2022 token that carries its own metadata and has no curve. */
interface ExtendedToken {
  readonly number: number;
  readonly holders: ReadonlyMap<number, bigint>;
}

/** The market as its participants know it. Immutable. */
export interface MarketState {
  readonly limits: MarketLimits;
  /** Transactions that were accepted so far: the market's clock. */
  readonly tick: number;
  /** About how many lamports each wallet has; fees and rents are estimated on the safe side. */
  readonly wallets: readonly bigint[];
  readonly coins: readonly Coin[];
  readonly coinsCreated: number;
  readonly lastCoinAt: number;
  readonly extendedTokens: readonly ExtendedToken[];
  readonly extendedTokensCreated: number;
}

export const initialMarket = (limits: MarketLimits): MarketState => ({
  limits,
  tick: 0,
  wallets: Array.from({ length: limits.traders }, () => 0n),
  coins: [],
  coinsCreated: 0,
  lastCoinAt: 0,
  extendedTokens: [],
  extendedTokensCreated: 0,
});

export const newCoin = (
  number: number,
  creator: number,
  unnamed: CoinIdentity | null,
  createdAt: number,
): Coin => ({
  number,
  creator,
  unnamed,
  virtualSol: INITIAL_VIRTUAL_SOL_RESERVES,
  virtualTokens: COIN_SUPPLY,
  holders: new Map(),
  createdAt,
  retired: false,
});

/** Lamports that traders have paid into a coin, less what they took out. */
export const raisedLamports = (coin: Coin): bigint => coin.virtualSol - INITIAL_VIRTUAL_SOL_RESERVES;
