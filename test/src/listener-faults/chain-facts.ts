import {
  COMMCOIN_PROGRAM_ADDRESS,
  commCoinCalls,
  type CommCoinCall,
  type Localnet,
} from "@commcoin/localnet";

/** One time that a transaction was put into a slot. */
export interface Landing {
  readonly slot: number;
  readonly index: number;
  readonly failed: boolean;
  /** Whether a fork took it back. */
  readonly lost: boolean;
}

/** What the chain says of one transaction that the listener may tell about. */
export interface TransactionFacts {
  readonly signature: string;
  /** Oldest first. */
  readonly landings: readonly Landing[];
  /** Whether the listener has to tell about it; false when only a lost fork makes it interesting. */
  readonly relevant: boolean;
  /** What it did with coins, in order, where it landed for good. */
  readonly calls: readonly CommCoinCall[];
}

/** Collects what the chain says, from now on, of the CommCoin program and of the coins that it created. */
export function collectFacts({ ledger, oracle }: Localnet): () => readonly TransactionFacts[] {
  /** By mint, whether or not the fork with its creation was lost. */
  const creations = new Map<string, string>();
  ledger.subscribe((event) => {
    if (event.type !== "received") return;
    const { executed } = event.transaction;
    for (const call of commCoinCalls(executed)) {
      if (call.name === "create_coin") creations.set(call.mint, executed.signature);
    }
  });

  return () =>
    oracle.transactions().flatMap(({ signature, accounts, landings, slot }): readonly TransactionFacts[] => {
      const coins = accounts.filter((account) => creations.has(account));
      const ofProgram = accounts.includes(COMMCOIN_PROGRAM_ADDRESS);
      if (!ofProgram && coins.length === 0) return [];
      // A coin is followed from the slot on in which it came into being.
      const existing = coins.some((mint) => {
        const creation = ledger.transaction(creations.get(mint) ?? "");
        return creation !== null && creation.slot <= slot;
      });
      const landed = ledger.transaction(signature);
      return [
        {
          signature,
          landings: landings.map(({ slot, index, err, lost }) => ({
            slot,
            index,
            failed: err !== null,
            lost,
          })),
          relevant: ofProgram || existing,
          calls: landed === null ? [] : commCoinCalls(landed.executed),
        },
      ];
    });
}
