import type { Address } from "@solana/kit";
import { sleep } from "@commcoin/service/lifecycle";
import { COMMCOIN_PROGRAM_ADDRESS } from "../commcoin/addresses.ts";
import type { Decision } from "./action.ts";
import { createComposer } from "./compose.ts";
import { decide } from "./decide.ts";
import { createMarketKeys } from "./keys.ts";
import { createRandom } from "../random.ts";
import { signTransaction } from "./sign.ts";
import { type MarketLimits, type MarketState, initialMarket } from "./state.ts";
import { afterAction } from "./transition.ts";

/** What the market needs of a node; each may answer at once or later, and throws when it refuses. */
export interface MarketNode {
  /** Takes a signed transaction, as `sendTransaction` does. */
  send(wire: Uint8Array): unknown;
  latestBlockhash(): string | Promise<string>;
  airdrop(address: string, lamports: bigint): unknown;
}

export interface MarketOptions {
  readonly node: MarketNode;
  /** Determines keys, names and actions: the same seed, the same market. */
  readonly seed: string;
  /** The CommCoin program. */
  readonly programId?: string;
  /** More than zero; default 5. */
  readonly transactionsPerSecond?: number;
}

const DEFAULT_TRANSACTIONS_PER_SECOND = 5;

/** Seconds between two new coins, so that whoever connects soon sees one. */
const COIN_INTERVAL_SECONDS = 8;
/** Fewer transactions than this between two coins, and there would be little else. */
const MIN_COIN_INTERVAL = 10;

/** A late market catches up at most this much. */
const MAX_BACKLOG_MS = 1_000;
/** Pause after the node refused something, so that a node in trouble is not pestered. */
const REFUSED_PAUSE_MS = 250;

const limitsFor = (transactionsPerSecond: number): MarketLimits => ({
  traders: 12,
  coins: 10,
  crowd: 5,
  extendedTokens: 3,
  coinInterval: Math.max(MIN_COIN_INTERVAL, Math.round(COIN_INTERVAL_SECONDS * transactionsPerSecond)),
});

/** A market that takes one step at a time; steps must not overlap. */
export interface Market {
  /**
   * Decides what happens next, does it, and returns it.
   * @throws what the node refused with: then it did not happen, and the next step is another.
   */
  step(): Promise<Decision>;
  readonly state: () => MarketState;
}

export const createMarket = ({
  node,
  seed,
  programId = COMMCOIN_PROGRAM_ADDRESS,
  transactionsPerSecond = DEFAULT_TRANSACTIONS_PER_SECOND,
}: MarketOptions): Market => {
  const random = createRandom(seed);
  const keys = createMarketKeys(seed);
  const compose = createComposer(keys, programId as Address);
  let state = initialMarket(limitsFor(transactionsPerSecond));

  const perform = async (decision: Decision): Promise<void> => {
    const { action } = decision;
    if (action.kind === "fund") {
      await node.airdrop((await keys("trader", action.trader)).address, action.lamports);
      return;
    }
    const composed = await compose(state, action);
    await node.send(await signTransaction(composed, decision, await node.latestBlockhash()));
  };

  return {
    state: () => state,
    async step() {
      const decision = decide(state, random);
      await perform(decision);
      state = afterAction(state, decision.action);
      return decision;
    },
  };
};

/**
 * Plays a market on a node until the signal aborts: traders buy, sell and pass on coins, new coins appear, now and
 * then something fails. Never rejects; what the node refuses goes to `onRefused` and the market goes on.
 */
export const startMarket = async (
  options: MarketOptions & {
    readonly signal: AbortSignal;
    readonly onRefused?: (error: unknown) => void;
    /** Milliseconds for which nothing is to happen now. */
    readonly rest?: () => number;
  },
): Promise<void> => {
  const { signal, onRefused, transactionsPerSecond = DEFAULT_TRANSACTIONS_PER_SECOND, rest } = options;
  const market = createMarket(options);
  const intervalMs = 1_000 / transactionsPerSecond;
  let dueMs = performance.now();
  while (!signal.aborted) {
    try {
      const { action } = await market.step();
      // Wallets are filled without delay: there is nothing to see in that.
      if (action.kind === "fund") continue;
    } catch (error) {
      onRefused?.(error);
      await sleep(REFUSED_PAUSE_MS, signal);
    }
    dueMs = Math.max(dueMs + intervalMs, performance.now() - MAX_BACKLOG_MS);
    const waitMs = Math.max(dueMs - performance.now(), rest?.() ?? 0);
    if (waitMs > 0) await sleep(waitMs, signal);
  }
};
