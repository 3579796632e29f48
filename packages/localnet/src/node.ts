import type { Engine } from "./engine/engine.ts";
import { type AccountHistory, createAccountHistory } from "./ledger/account-history.ts";
import type { Block, LedgerTransaction } from "./ledger/block.ts";
import type { LedgerEvent } from "./ledger/events.ts";
import { createLedger, type Ledger, type LedgerOptions } from "./ledger/ledger.ts";
import type { ExecutedTransaction } from "./ledger/transaction.ts";

/** Engine, ledger and accounts of one chain, kept in step; without sockets and without timers. */
export interface LocalNode {
  readonly engine: Engine;
  readonly ledger: Ledger;
  readonly accounts: AccountHistory;
  /** Unix milliseconds. */
  now: () => number;
  /** Puts an executed transaction into the open slot. */
  submit: (executed: ExecutedTransaction) => LedgerTransaction;
  /** Executes a signed transaction, puts it into the open slot, and returns its signature. */
  send: (wire: Uint8Array) => string;
  /** Completes the open slot and begins the next. */
  advance: () => Block;
  /** Keeps accounts as they were from a finalized slot on, for a reader that is behind. */
  keepAccountsFrom: (finalizedSlot: () => number) => void;
}

export type NodeOptions = LedgerOptions & { readonly engine: Engine };

export const createNode = ({ engine, ...ledgerOptions }: NodeOptions): LocalNode => {
  const ledger = createLedger(ledgerOptions);
  const accounts = createAccountHistory(engine);
  const finalizedSlots = new Set([() => ledger.slot("finalized")]);
  let forgottenUpTo = 0;

  const beginSlot = (parent: Block): void =>
    engine.beginSlot({
      slot: ledger.openSlot(),
      unixTimestamp: Math.floor(ledgerOptions.now() / 1_000),
      parent: { slot: parent.slot, blockhash: parent.blockhash },
    });
  const genesis = ledger.block(0);
  if (genesis) beginSlot(genesis);

  const rollback = ({ base, lost, unfinished }: Extract<LedgerEvent, { type: "forked" }>): void => {
    engine.rollback({
      base: base.slot,
      blockhashes: lost.map(({ blockhash }) => blockhash),
      transactions: [...lost.flatMap(({ transactions }) => transactions), ...unfinished].map(
        ({ executed }) => executed,
      ),
      accounts: accounts.rollback(base.slot),
    });
    beginSlot(base);
  };
  // Accounts follow the ledger before anybody else hears of a slot: the first subscription is called first.
  ledger.subscribe((event) => {
    if (event.type === "frozen") beginSlot(event.block);
    if (event.type === "forked") rollback(event);
  });

  const submit = (executed: ExecutedTransaction): LedgerTransaction => {
    const transaction = ledger.add(executed);
    accounts.record(executed, transaction.slot);
    return transaction;
  };

  return {
    engine,
    ledger,
    accounts,
    now: ledgerOptions.now,
    submit,
    send: (wire) => submit(engine.execute(wire)).executed.signature,
    advance: () => {
      const block = ledger.advance();
      // Only after listeners read the changes of the slots that became final.
      const readByAll = Math.min(...[...finalizedSlots].map((slot) => slot()));
      for (; forgottenUpTo < readByAll; forgottenUpTo += 1) accounts.finalize(forgottenUpTo + 1);
      return block;
    },
    keepAccountsFrom: (finalizedSlot) => {
      finalizedSlots.add(finalizedSlot);
    },
  };
};
