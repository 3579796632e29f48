import type { DecodedTransaction } from "../decode/decoded-transaction.ts";
import { coinMessages } from "../events/coin-messages.ts";
import type { Landing } from "../events/event-id.ts";
import { transactionMessages, type Audience } from "../events/transaction-messages.ts";
import type { Market } from "../market/market.ts";
import type { Interpret } from "./publish-in-order.ts";

export interface InterpreterOptions {
  readonly market: Market;
  readonly audience: Audience;
  /** Which landing of a transaction this is; the first one by default. */
  readonly landingOf?: (transaction: DecodedTransaction) => Landing;
  /** A coin came into being in this slot. */
  readonly onCreated: (mint: string, slot: number) => void;
  /** Unix seconds. */
  readonly now: () => number;
}

/**
 * Turns transactions into messages: what happened to coins first, then the transaction itself, so that whoever sees the
 * transaction has seen what it did.
 */
export const createInterpreter =
  ({ market, audience, landingOf = () => null, onCreated, now }: InterpreterOptions): Interpret =>
  (transaction, names, origin, index) => {
    const landing = landingOf(transaction);
    const markets = market.apply(transaction, now(), index);
    for (const { mint } of transaction.creates) onCreated(mint, transaction.slot);
    return [
      ...coinMessages(transaction, { names, markets, landing }),
      ...transactionMessages(transaction, "confirmed", origin, audience, landing),
    ];
  };
