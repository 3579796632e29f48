import { createMarket, createRandom, type Localnet } from "@commcoin/localnet";

/** Coins that a run creates, about. */
const COINS = 25;

export interface MarketPlan {
  /** The same seed plays the same market. */
  readonly seed: string;
  /** In all. */
  readonly transactions: number;
  /** On average. */
  readonly perSlot: number;
}

/** A market that is played slot by slot: the same seed, the same chain. */
export function createPlayer(localnet: Localnet, { seed, transactions, perSlot }: MarketPlan) {
  const random = createRandom(`${seed}/slots`);
  const { ledger, engine } = localnet;
  const market = createMarket({
    seed,
    // So that a coin comes every so many transactions.
    transactionsPerSecond: transactions / COINS / 8,
    node: {
      send: (wire) => localnet.send(wire),
      // Of a block that no fork takes back: what a fork loses can land again.
      latestBlockhash: () => ledger.block(ledger.slot("finalized"))?.blockhash ?? engine.latestBlockhash(),
      airdrop: (address, lamports) => localnet.submit(engine.airdrop(address, lamports)),
    },
  });
  let played = 0;
  let refused = 0;
  return {
    get left() {
      return transactions - played;
    },
    get refused() {
      return refused;
    },
    async fill() {
      const wanted = Math.min(transactions - played, random.integer(0, 2 * perSlot));
      for (let step = 0; step < wanted; step += 1) {
        try {
          await market.step();
          played += 1;
        } catch {
          // A fork took what it builds on.
          refused += 1;
        }
      }
    },
  };
}
