import type { Block, Commitment, LedgerTransaction } from "./block.ts";
import { accountKeysOf } from "./block.ts";
import type { LedgerEvent } from "./events.ts";
import type { Ledger } from "./ledger.ts";
import type { TransactionError } from "./transaction.ts";

/** One time that a transaction was put into a slot. */
export interface Landing {
  readonly slot: number;
  /** Place in its block. */
  readonly index: number;
  readonly err: TransactionError | null;
  /** The highest commitment that it was ever seen at; `received` when its slot never became a block. */
  readonly reached: "received" | Commitment;
  /** Whether a fork took it back. */
  readonly lost: boolean;
}

/** Everything that happened to one transaction. */
export interface OracleTransaction {
  readonly signature: string;
  /** All accounts that it names, those from lookup tables included. */
  readonly accounts: readonly string[];
  /** What became of it so far: the state of its last landing, or `dropped` when that was lost. */
  readonly outcome: "received" | Commitment | "dropped";
  /** Its last landing, lost or not. */
  readonly slot: number;
  readonly index: number;
  readonly err: TransactionError | null;
  /** Oldest first, at least one; more when it landed again after a fork. */
  readonly landings: readonly Landing[];
}

export interface Oracle {
  /** All transactions of the ledger's retained slots, ordered by slot and index of their last landing. */
  transactions(): readonly OracleTransaction[];
  /** Those that name an address, in the same order. */
  mentioning(address: string): readonly OracleTransaction[];
  transaction(signature: string): OracleTransaction | null;
  /** Slots that were lost to forks, ascending. */
  lostSlots(): readonly number[];
}

interface Entry {
  readonly transaction: LedgerTransaction;
  readonly landings: { -readonly [Field in keyof Landing]: Landing[Field] }[];
}

const describe = (signature: string, { transaction, landings }: Entry): OracleTransaction => {
  const last = landings.at(-1);
  if (!last) throw new Error(`Transaction ${signature} never landed`);
  return {
    signature,
    accounts: accountKeysOf(transaction.executed),
    outcome: last.lost ? "dropped" : last.reached,
    slot: last.slot,
    index: last.index,
    err: last.err,
    landings: landings.map((landing) => ({ ...landing })),
  };
};

const byPlace = (one: OracleTransaction, other: OracleTransaction): number =>
  one.slot - other.slot || one.index - other.index;

/**
 * Writes down what happens in a ledger from now on, for tests to compare with what was made of it. It forgets what
 * the ledger forgets: `retainedSlots` must cover the test.
 */
export const createOracle = (ledger: Ledger): Oracle => {
  const entries = new Map<string, Entry>();
  const lostSlots = new Set<number>();

  const land = (transaction: LedgerTransaction): void => {
    const { executed, slot, index } = transaction;
    const { signature, meta } = executed;
    const landings = entries.get(signature)?.landings ?? [];
    landings.push({ slot, index, err: meta.err, reached: "received", lost: false });
    // At the end, so that the oldest are in front.
    entries.delete(signature);
    entries.set(signature, { transaction, landings });
  };

  const raise = (block: Block, reached: Commitment): void => {
    for (const { executed } of block.transactions) {
      const landing = entries.get(executed.signature)?.landings.at(-1);
      if (landing) landing.reached = reached;
    }
  };

  const lose = (transactions: readonly LedgerTransaction[]): void => {
    for (const { executed } of transactions) {
      const landing = entries.get(executed.signature)?.landings.at(-1);
      if (landing) landing.lost = true;
    }
  };

  const forget = (firstSlot: number): void => {
    for (const [signature, { transaction }] of entries) {
      if (transaction.slot >= firstSlot) break;
      entries.delete(signature);
    }
    for (const slot of lostSlots) if (slot < firstSlot) lostSlots.delete(slot);
  };

  const observe = (event: LedgerEvent): void => {
    switch (event.type) {
      case "received":
        return land(event.transaction);
      case "frozen":
        return raise(event.block, "processed");
      case "confirmed":
      case "finalized":
        return raise(event.block, event.type);
      case "created":
        return forget(ledger.firstAvailableSlot());
      case "forked":
        for (const { slot } of event.lost) lostSlots.add(slot);
        return lose([...event.lost.flatMap(({ transactions }) => transactions), ...event.unfinished]);
      default:
        return event satisfies never;
    }
  };
  ledger.subscribe(observe);

  const transactions = () =>
    [...entries].map(([signature, entry]) => describe(signature, entry)).sort(byPlace);
  return {
    transactions,
    mentioning: (address) => transactions().filter(({ accounts }) => accounts.includes(address)),
    transaction: (signature) => {
      const entry = entries.get(signature);
      return entry ? describe(signature, entry) : null;
    },
    lostSlots: () => [...lostSlots],
  };
};
