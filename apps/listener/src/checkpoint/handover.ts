import { sleepOrBack, type Broker } from "@commcoin/broker";
import type { Logger } from "@commcoin/service/telemetry";
import type { Position } from "@commcoin/protocol";
import type { Dropped } from "../finality/dropped.ts";
import type { Term } from "../leadership/leadership.ts";
import { createMarket, type Market } from "../market/market.ts";
import { type Checkpoint, settledSlot } from "../model/checkpoint.ts";
import { retry } from "../support/retry.ts";
import type { ThrottledLog } from "../support/throttled-log.ts";
import { claimBroker } from "./broker-chain.ts";
import type { ListenerState, SavedState } from "./listener-state.ts";
import { readPublishedSlot } from "./published-slot.ts";

/** What a publisher begins with. */
export interface TermStart {
  /** Null when nobody published before. */
  readonly checkpoint: Checkpoint | null;
  readonly market: Market;
  /** Transactions that were published as dropped. */
  readonly dropped: Dropped;
  /** Coins of which the store does not have the market. */
  readonly unsaved: Iterable<string>;
  /** The newest slot of which anything was published; -1 when nothing was. */
  readonly publishedSlot: number;
  /** What was published up to this position of `transactions` is of another chain; null where nothing is. */
  readonly beginning: Position | null;
}

/** Hands publishing on from one listener, or one term, to the next. */
export interface Handover {
  /** What an earlier publisher left; null when the term ends first. */
  take(term: Term, state: ListenerState): Promise<TermStart | null>;
  /** This listener has saved a checkpoint, with its markets. */
  saved(checkpoint: Checkpoint, market: Market, dropped: Dropped): void;
  /** Another listener has come this far. */
  followed(checkpoint: Checkpoint): void;
}

export interface HandoverOptions {
  readonly broker: Pick<Broker, "history" | "positions" | "states" | "watch">;
  readonly commcoinProgramId: string;
  readonly log: Logger;
  readonly throttledLog: ThrottledLog;
}

const BACKOFF = { minMs: 100, maxMs: 2_000 };

/**
 * Publishing goes on where the store says. When the store has lost its data, it goes on where this listener saw it last:
 * with the markets, if it published itself, else with markets that begin anew.
 */
export function createHandover({ broker, commcoinProgramId, log, throttledLog }: HandoverOptions): Handover {
  let remembered: {
    readonly checkpoint: Checkpoint;
    readonly market: Market | null;
    readonly dropped: Dropped | null;
  } | null = null;

  const restoreMarket = ({ checkpoint, markets }: Omit<SavedState, "dropped">): Market => {
    const market = createMarket();
    for (const [mint, saved] of markets) market.restore(mint, saved);
    const program = checkpoint?.lanes.find(({ address }) => address === commcoinProgramId);
    if (program !== undefined) market.settle(program.watermark);
    return market;
  };

  const read = async (term: Term, state: ListenerState): Promise<TermStart> => {
    const stored = await state.takeOver(term.fence);
    const beginning = await claimBroker(broker, state.network, term.fence);
    const publishedSlot = await readPublishedSlot(broker, beginning);
    if (stored.checkpoint !== null || remembered === null) {
      const { checkpoint, dropped } = stored;
      return { checkpoint, dropped, market: restoreMarket(stored), unsaved: [], publishedSlot, beginning };
    }
    const { checkpoint, dropped } = remembered;
    const market = remembered.market ?? restoreMarket({ checkpoint, markets: new Map() });
    log.warn(
      { from_slot: settledSlot(checkpoint), markets: remembered.market !== null },
      "the broker has lost its data; going on from what is remembered here",
    );
    return {
      checkpoint,
      market,
      dropped: dropped ?? stored.dropped,
      unsaved: market.mints(),
      publishedSlot,
      beginning,
    };
  };

  return {
    take: (term, state) =>
      retry("cannot read the checkpoint", async () => (term.holds() ? await read(term, state) : null), {
        throttledLog,
        signal: term.ended,
        backoff: BACKOFF,
        pause: (ms, signal) => sleepOrBack(broker, ms, signal),
      }),
    saved(checkpoint, market, dropped) {
      remembered = { checkpoint, market, dropped };
    },
    followed(checkpoint) {
      remembered = { checkpoint, market: null, dropped: null };
    },
  };
}
