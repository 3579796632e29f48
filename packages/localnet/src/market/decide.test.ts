import { describe, expect, it } from "vitest";
import { INITIAL_VIRTUAL_SOL_RESERVES } from "../commcoin/bonding-curve-state.ts";
import type { Decision } from "./action.ts";
import { decide } from "./decide.ts";
import { createRandom } from "../random.ts";
import { type MarketLimits, type MarketState, initialMarket, raisedLamports } from "./state.ts";
import { afterAction } from "./transition.ts";

const LIMITS: MarketLimits = { traders: 12, coins: 10, crowd: 5, extendedTokens: 3, coinInterval: 40 };

/** Lets a market run, every decision accepted. */
const play = (seed: string, steps: number): { decisions: Decision[]; states: MarketState[] } => {
  const random = createRandom(seed);
  let state = initialMarket(LIMITS);
  const decisions: Decision[] = [];
  const states = [state];
  for (let step = 0; step < steps; step += 1) {
    const decision = decide(state, random);
    state = afterAction(state, decision.action);
    decisions.push(decision);
    states.push(state);
  }
  return { decisions, states };
};

const kindsOf = (decisions: readonly Decision[]) =>
  decisions.map(({ action }) => (action.kind === "trade" ? (action.legs[0]?.side ?? "trade") : action.kind));

describe("decisions", () => {
  it("are the same for the same seed, and others for another", () => {
    expect(play("a", 2_000).decisions).toEqual(play("a", 2_000).decisions);
    expect(play("a", 50).decisions).not.toEqual(play("b", 50).decisions);
  });

  it("show a coin, purchases, a sale and a name within the first eight transactions of any seed", () => {
    for (const seed of ["a", "b", "c", "d", "e"]) {
      const { decisions } = play(seed, 100);
      const opening = kindsOf(decisions)
        .filter((kind) => kind !== "fund")
        .slice(0, 8);
      expect(opening.slice(0, 6)).toEqual(["create", "buy", "buy", "sell", "create", "name"]);
    }
  });

  it("make a coin at the agreed interval", () => {
    const { states } = play("interval", 3_000);
    const last = states.at(-1);
    expect(last?.coinsCreated).toBeGreaterThan(60);
    const pauses = states.map((state) => state.tick - state.lastCoinAt);
    // A name, or a holder who leaves, may come first.
    expect(Math.max(...pauses)).toBeLessThan(LIMITS.coinInterval + 20);
  });

  it("come in every kind, most of them trades", () => {
    const { decisions } = play("kinds", 5_000);
    const counts = new Map<string, number>();
    for (const kind of kindsOf(decisions)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const count = (kind: string) => counts.get(kind) ?? 0;
    expect([...counts.keys()].toSorted()).toEqual(
      [
        "fund",
        "create",
        "name",
        "buy",
        "sell",
        "transfer",
        "burn",
        "oversell",
        "exit",
        "create_extended",
        "transfer_extended",
      ].toSorted(),
    );
    expect((count("buy") + count("sell")) / decisions.length).toBeGreaterThan(0.6);
    expect(count("sell") / count("buy")).toBeGreaterThan(0.4);
    const trades = decisions.flatMap(({ action }) => (action.kind === "trade" ? [action] : []));
    expect(trades.some(({ routed }) => routed)).toBe(true);
    expect(trades.some(({ legs }) => legs.length > 1)).toBe(true);
    const namings = new Set(
      decisions.flatMap(({ action }) => (action.kind === "create" ? [action.naming] : [])),
    );
    expect(namings).toEqual(new Set(["inline", "later", "none"]));
    expect(new Set(decisions.map(({ version }) => version))).toEqual(new Set(["legacy", 0]));
  });
});

describe("the market", () => {
  const { states } = play("bounds", 20_000);

  it("stays within its bounds however long it runs", () => {
    const coins = states.map((state) => state.coins);
    const holders = coins.flat().map((coin) => coin.holders.size);
    expect(Math.max(...coins.map((each) => each.filter(({ retired }) => !retired).length))).toBe(
      LIMITS.coins,
    );
    expect(Math.max(...coins.map((each) => each.length))).toBeLessThanOrEqual(2 * LIMITS.coins);
    expect(holders.reduce((most, size) => Math.max(most, size))).toBe(LIMITS.crowd);
    expect(Math.max(...states.map((state) => state.extendedTokens.length))).toBe(LIMITS.extendedTokens);
  });

  it("never spends or sells what it does not have", () => {
    const overdrawn = states.filter(
      ({ coins, wallets }) =>
        wallets.some((lamports) => lamports < 0n) ||
        coins.some(
          (coin) =>
            coin.virtualSol < INITIAL_VIRTUAL_SOL_RESERVES ||
            [...coin.holders.values()].some((amount) => amount < 0n),
        ),
    );
    expect(overdrawn).toEqual([]);
  });

  it("moves prices up and down, in steps of a few percent, and lets a coin rise well above its start", () => {
    const { decisions } = play("prices", 4_000);
    const random = createRandom("prices");
    let state = initialMarket(LIMITS);
    let ups = 0;
    let downs = 0;
    let largestRise = 0;
    let largestStep = 1;
    for (const _ of decisions) {
      const { action } = decide(state, random);
      const next = afterAction(state, action);
      for (const coin of next.coins) {
        const before = state.coins.find(({ number }) => number === coin.number);
        if (before === undefined || before.virtualSol === coin.virtualSol) continue;
        const ratio =
          Number(coin.virtualSol) /
          Number(coin.virtualTokens) /
          (Number(before.virtualSol) / Number(before.virtualTokens));
        if (ratio > 1) ups += 1;
        else downs += 1;
        if (action.kind === "trade") largestStep = Math.max(largestStep, ratio);
        largestRise = Math.max(largestRise, Number(raisedLamports(coin)) / 1e9);
      }
      state = next;
    }
    expect(largestStep).toBeLessThan(1.12);
    expect(downs / ups).toBeGreaterThan(0.4);
    expect(downs / ups).toBeLessThan(1.2);
    expect(largestRise).toBeGreaterThan(10);
    expect(largestRise).toBeLessThan(120);
  });
});
