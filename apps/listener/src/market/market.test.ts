import { describe, expect, it } from "vitest";
import { createTransactionDecoder } from "../decode/decode-transaction.ts";
import { commcoinSession, type Step, TEST_COMMCOIN, TEST_MINT } from "../testing/commcoin-session.ts";
import { createMarket } from "./market.ts";

const decode = createTransactionDecoder({ commcoinProgramId: TEST_COMMCOIN });
const session = (...steps: Step[]) => decode(commcoinSession(steps));
const TIME = 1_800_000_000;
const COIN = 1_000_000n;

const launch = session(
  { do: "create" },
  { do: "buy", tokens: 1_000n * COIN, lamports: 59_832 },
  { do: "buy", tokens: 1_000n * COIN, lamports: 119_664 },
);
const [first, second] = launch.trades;

describe("Market", () => {
  it("shows the market after each trade of a transaction", () => {
    const markets = createMarket().apply(launch, TIME);
    expect([...markets.keys()]).toEqual([first?.n, second?.n]);
    expect(markets.get(first?.n ?? -1)).toMatchObject({
      price: "0.000000059832",
      change_24h: "99.9992",
      trades_24h: 1,
    });
    expect(markets.get(second?.n ?? -1)).toMatchObject({
      volume_24h: "0.000179496",
      trades_24h: 2,
      market_cap: "119.664",
    });
  });

  it("counts a transaction that comes again once", () => {
    const market = createMarket();
    market.apply(launch, TIME);
    const again = market.apply(launch, TIME);
    expect(again.get(second?.n ?? -1)).toMatchObject({ trades_24h: 2, volume_24h: "0.000179496" });
  });

  it("uses the given time when the block has none", () => {
    const market = createMarket();
    const later = TIME + 100 * 3_600;
    market.apply({ ...launch, blockTime: null }, later);
    expect(market.snapshot(TEST_MINT, later)?.trades_24h).toBe(2);
  });

  it("leaves trades without a price out", () => {
    const market = createMarket();
    expect(market.apply(session({ do: "buy", tokens: 0n, lamports: 9 }), TIME).size).toBe(0);
    expect(market.snapshot(TEST_MINT, TIME)).toBeNull();
  });

  it("goes on in another process from saved tokens, and counts nothing twice", () => {
    const market = createMarket();
    market.apply(launch, TIME);
    market.settle(launch.slot - 1);
    const state = market.save(TEST_MINT);
    const next = createMarket();
    if (state !== null) next.restore(TEST_MINT, state);
    next.apply(launch, TIME);
    expect(next.snapshot(TEST_MINT, TIME)).toEqual(market.snapshot(TEST_MINT, TIME));
  });

  it("takes settled transactions as counted, also for tokens it does not know", () => {
    const market = createMarket();
    market.settle(launch.slot);
    market.apply(launch, TIME);
    expect(market.snapshot(TEST_MINT, TIME)?.trades_24h).toBe(0);
  });

  it("takes everything back that was told of a coin, when the coin itself is taken back", () => {
    const market = createMarket();
    market.apply(launch, TIME);
    expect([...market.retract(launch, TIME).values()]).toEqual([
      {
        token_id: TEST_MINT,
        price: "0.000000119664",
        change_24h: null,
        volume_24h: "0",
        high_24h: "0.000000119664",
        low_24h: "0.000000119664",
        trades_24h: 0,
        market_cap: "119.664",
      },
    ]);
    expect(market.snapshot(TEST_MINT, TIME)).toBeNull();
    expect(market.retract(launch, TIME).size).toBe(0);
  });

  it("names the transactions that can be taken back, in the slots to which forks moved them, also in another process", () => {
    const market = createMarket();
    market.apply(launch, TIME);
    const slot = launch.slot + 3;
    market.move({ ...launch, slot });
    const state = market.save(TEST_MINT);
    const next = createMarket();
    if (state !== null) next.restore(TEST_MINT, state);
    const places = (list: typeof launch.trades | typeof launch.creates) =>
      list.map(({ n, mint }) => ({ n, mint }));
    const { signature, blockTime, creates, trades } = launch;
    expect(next.tentative()).toEqual([
      { signature, slot, blockTime, creates: places(creates), trades: places(trades) },
    ]);
    next.finalize(slot);
    expect(next.tentative()).toEqual([]);
  });

  it("knows nothing of other tokens", () => {
    const market = createMarket();
    expect([market.snapshot("x", TIME), market.save("x")]).toEqual([null, null]);
  });
});
