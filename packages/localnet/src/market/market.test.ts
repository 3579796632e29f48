import { getMintDecoder, getTokenDecoder } from "@solana-program/token";
import { getMintDecoder as getExtendedMintDecoder } from "@solana-program/token-2022";
import { describe, expect, it } from "vitest";
import { COMMCOIN_PROGRAM_ADDRESS, TOKEN_PROGRAM_ADDRESS } from "../commcoin/addresses.ts";
import { COIN_SUPPLY } from "../commcoin/bonding-curve-state.ts";
import { findAssociatedToken, findBondingCurve, findMetadata } from "../commcoin/pda.ts";
import { commCoinPrograms } from "../commcoin/programs.ts";
import type { Engine } from "../engine/engine.ts";
import type { ExecutedTransaction } from "../ledger/transaction.ts";
import { startedEngine } from "../testing/engine.ts";
import type { Decision } from "./action.ts";
import { createMarketKeys } from "./keys.ts";
import { createMarket, startMarket } from "./market.ts";
import { raisedLamports } from "./state.ts";

const SEED = "market test";
const STEPS_PER_SLOT = 2;

interface Done {
  readonly decision: Decision;
  readonly executed: ExecutedTransaction;
}

/** Plays steps of a market on an engine; a new slot begins every few transactions. */
const play = async (steps: number, seed = SEED) => {
  const { engine, nextSlot } = await startedEngine({ programs: commCoinPrograms() });
  const executed: ExecutedTransaction[] = [];
  const market = createMarket({
    seed,
    node: {
      latestBlockhash: () => engine.latestBlockhash(),
      send: (wire) => executed.push(engine.execute(wire)),
      airdrop: (key, lamports) => executed.push(engine.airdrop(key, lamports)),
    },
  });
  const done: Done[] = [];
  for (let step = 0; step < steps; step += 1) {
    if (step % STEPS_PER_SLOT === 0) nextSlot();
    const decision = await market.step();
    const last = executed.at(-1);
    if (last !== undefined) done.push({ decision, executed: last });
  }
  return { engine, market, done, executed };
};

const sum = (numbers: readonly number[]): bigint => numbers.reduce((total, each) => total + BigInt(each), 0n);

const tokenAccounts = (engine: Engine) =>
  [...engine.accountsOwnedBy(TOKEN_PROGRAM_ADDRESS).values()]
    .filter(({ data }) => data.length === 165)
    .map(({ data }) => getTokenDecoder().decode(data));

describe("a market on the engine", () => {
  it(
    "executes hundreds of transactions as meant, and keeps lamports and coins together",
    { timeout: 60_000 },
    async () => {
      const { engine, market, done, executed } = await play(420);
      expect(executed).toHaveLength(420);

      const unexpected = done.filter(
        ({ decision, executed: { meta } }) => (meta.err === null) === (decision.action.kind === "oversell"),
      );
      expect(unexpected).toEqual([]);
      expect(done.some(({ executed: { meta } }) => meta.err !== null)).toBe(true);
      expect(done.some(({ executed: { version } }) => version === 0)).toBe(true);

      const unbalanced = executed.filter(
        ({ meta }) => sum(meta.preBalances) - BigInt(meta.fee) !== sum(meta.postBalances),
      );
      expect(unbalanced).toEqual([]);

      const burnt = new Map<number, bigint>();
      for (const { action } of done.map(({ decision }) => decision)) {
        if (action.kind === "burn") burnt.set(action.coin, (burnt.get(action.coin) ?? 0n) + action.amount);
      }
      expect(burnt.size).toBeGreaterThan(0);
      const keys = createMarketKeys(SEED);
      const held = tokenAccounts(engine);
      for (let number = 1; number <= market.state().coinsCreated; number += 1) {
        const mint = (await keys("coin", number)).address;
        const { supply } = getMintDecoder().decode(engine.account(mint)?.data ?? new Uint8Array());
        expect(supply).toBe(COIN_SUPPLY - (burnt.get(number) ?? 0n));
        const amounts = held.filter((account) => account.mint === mint).map(({ amount }) => amount);
        expect(amounts.reduce((total, amount) => total + amount, 0n)).toBe(supply);
      }
    },
  );

  it("is on chain what its traders believe", { timeout: 60_000 }, async () => {
    const { engine, market } = await play(300);
    const keys = createMarketKeys(SEED);
    const { coins, wallets } = market.state();
    for (const coin of coins) {
      const mint = (await keys("coin", coin.number)).address;
      const curve = findBondingCurve(mint, COMMCOIN_PROGRAM_ADDRESS).address;
      expect(engine.account(curve)?.lamports).toBe(engine.rentExemptLamports(49) + raisedLamports(coin));
      for (const [holder, amount] of coin.holders) {
        const owner = (await keys("trader", holder)).address;
        const account = engine.account(findAssociatedToken(owner, mint).address);
        expect(getTokenDecoder().decode(account?.data ?? new Uint8Array()).amount).toBe(amount);
      }
    }
    for (const [number, believed] of wallets.entries()) {
      const lamports = engine.account((await keys("trader", number)).address)?.lamports ?? 0n;
      expect(lamports).toBeGreaterThanOrEqual(believed);
    }
  });

  it("names coins at once, later or never, and tokens by extension", async () => {
    const { engine, done } = await play(400);
    const keys = createMarketKeys(SEED);
    const created = done.flatMap(({ decision: { action } }) => (action.kind === "create" ? [action] : []));
    for (const { coin, naming } of created.slice(0, -1)) {
      const metadata = engine.account(findMetadata((await keys("coin", coin)).address).address);
      expect(metadata === null).toBe(naming === "none");
    }
    expect(new Set(created.map(({ naming }) => naming)).size).toBe(3);
    const extended = done.flatMap(({ decision: { action } }) =>
      action.kind === "create_extended" ? [action] : [],
    );
    const [token] = extended;
    const account = engine.account((await keys("token", token?.token ?? 0)).address);
    const { extensions } = getExtendedMintDecoder().decode(account?.data ?? new Uint8Array());
    expect(extensions).toMatchObject({
      value: [{ __kind: "MetadataPointer" }, { __kind: "TokenMetadata", ...token?.identity }],
    });
  });

  it("sends the same transactions for the same seed", async () => {
    const signatures = async () => (await play(60)).done.map(({ executed }) => executed.signature);
    expect(await signatures()).toEqual(await signatures());
    expect((await play(20, "other")).done.map(({ executed }) => executed.signature)).not.toEqual(
      (await play(20)).done.map(({ executed }) => executed.signature),
    );
  });
});

describe("startMarket", () => {
  it("goes on when the node refuses, and stops with its signal", async () => {
    const { engine } = await startedEngine({ programs: commCoinPrograms() });
    const stop = new AbortController();
    const refused: unknown[] = [];
    let sent = 0;
    await startMarket({
      seed: SEED,
      transactionsPerSecond: 1_000,
      signal: stop.signal,
      onRefused: (error) => refused.push(error),
      node: {
        latestBlockhash: () => engine.latestBlockhash(),
        airdrop: (key, lamports) => engine.airdrop(key, lamports),
        send: (wire) => {
          sent += 1;
          if (sent === 3) throw new Error("Blockhash not found");
          if (sent === 20) stop.abort();
          return engine.execute(wire);
        },
      },
    });
    expect(sent).toBe(20);
    expect(refused).toEqual([new Error("Blockhash not found")]);
  });

  it("does nothing when its signal has aborted before", async () => {
    let calls = 0;
    const count = (): string => {
      calls += 1;
      return "";
    };
    await startMarket({
      seed: SEED,
      signal: AbortSignal.abort(),
      node: { latestBlockhash: count, airdrop: count, send: count },
    });
    expect(calls).toBe(0);
  });
});
