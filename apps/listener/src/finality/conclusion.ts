import type { TransactionUpdate } from "@commcoin/protocol";
import type { TransactionError } from "../decode/decoded-transaction.ts";
import { correctedMarkets } from "../events/coin-messages.ts";
import type { Landing } from "../events/event-id.ts";
import type { OutgoingMessage } from "../events/outgoing.ts";
import { type Audience, transactionMessages } from "../events/transaction-messages.ts";
import type { CountedTransaction } from "../market/counted-transaction.ts";
import type { Market } from "../market/market.ts";
import type { PublishedTransaction } from "../model/published-transaction.ts";
import type { SeenSlots } from "../progress/seen-slots.ts";
import type { Dropped } from "./dropped.ts";

/** Whose end is waited for. */
export type Undecided =
  /** Published as confirmed. */
  | { readonly transaction: PublishedTransaction; readonly origin: TransactionUpdate["origin"] }
  /** Counted by markets that an earlier publisher left; nobody knows whether, and how far, it was published. */
  | {
      readonly transaction: CountedTransaction & { readonly error: TransactionError | null };
      readonly origin: null;
    };

/** `relanded`: a fork took it, and another block, which is final, holds it. */
export type Ending = "finalized" | "relanded" | "dropped";

/** What follows from the ends of transactions, for those who are told and for the markets that count them. */
export interface Conclusion {
  /** What is to be published. */
  readonly conclude: (undecided: Undecided, ending: Ending) => readonly OutgoingMessage[];
  readonly landingOf: (transaction: Pick<PublishedTransaction, "signature" | "slot">) => Landing;
  /** Every transaction that was published as dropped. */
  readonly dropped: Dropped;
}

export interface ConclusionOptions {
  readonly market: Pick<Market, "retract" | "move">;
  readonly audience: Audience;
  /** What was published as dropped before. */
  readonly dropped: Dropped;
  readonly seen: Pick<SeenSlots, "forget">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function createConclusion({
  market,
  audience,
  dropped: before,
  seen,
  now,
}: ConclusionOptions): Conclusion {
  let dropped = before;
  return {
    conclude({ transaction, origin }, ending) {
      const landing = dropped.landingOf(transaction);
      const { signature, blockTime, error } = transaction;
      const messages =
        origin === null
          ? []
          : transactionMessages(
              transaction,
              ending === "dropped" ? "dropped" : "finalized",
              origin,
              audience,
              landing,
            );
      if (ending === "relanded") market.move(transaction);
      if (ending !== "dropped") return messages;
      // What failed where it landed again is final; what no block holds is new when it comes back.
      if (error === null) {
        if (origin !== null) dropped = dropped.with(signature, now());
        seen.forget(signature);
      }
      const markets = market.retract(transaction, blockTime ?? Math.floor(now() / 1_000));
      return [...messages, ...correctedMarkets(signature, markets, landing)];
    },
    landingOf: (transaction) => dropped.landingOf(transaction),
    get dropped() {
      return dropped;
    },
  };
}
