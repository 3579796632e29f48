import { createMarket, TransactionRejected, type Localnet } from "@commcoin/localnet";

export const COMMCOIN = "6YuHH4kveCrEeEtVKM2nh18zU4XWFpEWqV8f5GbhdnzX";

export interface CommcoinMarket {
  /** Does so many things: coins, trades, transfers. What a fork made impossible is left out. */
  play(steps: number): Promise<void>;
}

/** A market on a local node that is played on demand; the same seed, the same market. */
export function createCommcoinMarket(localnet: Localnet, seed: string): CommcoinMarket {
  const market = createMarket({
    seed,
    node: {
      send: (wire) => localnet.send(wire),
      latestBlockhash: () => localnet.confirmedBlockhash(),
      airdrop: (address, lamports) => localnet.submit(localnet.engine.airdrop(address, lamports)),
    },
  });
  return {
    async play(steps) {
      for (let step = 0; step < steps; step += 1) {
        try {
          await market.step();
        } catch (error) {
          if (!(error instanceof TransactionRejected)) throw error;
        }
      }
    },
  };
}

/** Transactions of the ledger that mention the CommCoin program or a coin that it created, in order. */
export const relevantSignatures = (
  localnet: Localnet,
  coins: ReadonlySet<string>,
  fromSlot = 0,
): readonly string[] => signaturesOf(localnet, new Set([COMMCOIN, ...coins]), fromSlot);

/** Transactions of the ledger that mention one of the addresses, in order. */
export function signaturesOf(
  localnet: Localnet,
  addresses: ReadonlySet<string>,
  fromSlot: number,
): readonly string[] {
  const found: string[] = [];
  for (let slot = fromSlot; slot <= localnet.ledger.slot("confirmed"); slot += 1) {
    for (const { executed } of localnet.ledger.block(slot)?.transactions ?? []) {
      const { accountKeys } = executed.transaction.message;
      const { writable = [], readonly = [] } = executed.meta.loadedAddresses ?? {};
      const keys = [...accountKeys, ...writable, ...readonly];
      if (keys.some((key) => addresses.has(key))) found.push(executed.signature);
    }
  }
  return found;
}
