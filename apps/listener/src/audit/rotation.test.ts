import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Lane } from "../model/lane.ts";
import { createRotation, perRoundOf } from "./rotation.ts";

const lane = (source: Lane["source"], address: string, coin = false): Lane => ({
  source,
  address,
  coin,
  fromSlot: 0,
});
const program = lane("program", "program");
const allTokens = lane("token", "tokens");
const accounts = (count: number) => Array.from({ length: count }, (_, n) => lane("account", `account ${n}`));

describe("turns", () => {
  it("take programs each time, and a bounded number of accounts and coins", () => {
    const rotation = createRotation(() => 3);
    const lanes = [program, allTokens, ...accounts(4), lane("token", "coin", true)];
    const rounds = [1, 2, 3].map(() => rotation.next(lanes).map(({ address }) => address));
    expect(rounds).toEqual([
      ["program", "tokens", "account 0", "account 1", "account 2"],
      ["program", "tokens", "account 3", "coin", "account 0"],
      ["program", "tokens", "account 1", "account 2", "account 0"],
    ]);
  });

  it.each([1, 3, 60])("come to each of 20,000 within a minute of rounds, one every %i seconds", (seconds) => {
    const rotation = createRotation(perRoundOf(seconds * 1_000));
    const lanes = accounts(20_000);
    const seen = new Set<string>();
    for (let round = 0; round < 60 / seconds; round += 1) {
      for (const { address } of rotation.next(lanes)) seen.add(address);
    }
    expect(seen.size).toBe(20_000);
    expect(rotation.next(accounts(40))).toHaveLength(40);
  });

  it("come to everybody within one rotation, whoever comes and goes meanwhile", () => {
    const ids = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(ids, { maxLength: 20 }), (perRound, changes) => {
        const rotation = createRotation(() => perRound);
        const waits = new Map<string, number>();
        const always = lane("account", "always there");
        for (const present of [...changes, ...Array.from({ length: 40 }, () => changes.at(-1) ?? [])]) {
          const lanes = [...present.map((id) => lane("account", String(id))), always];
          const chosen = new Set(rotation.next(lanes).map(({ address }) => address));
          expect(chosen.size).toBe(Math.min(perRound, lanes.length));
          for (const { address } of lanes)
            waits.set(address, chosen.has(address) ? 0 : (waits.get(address) ?? 0) + 1);
        }
        const lanes = (changes.at(-1)?.length ?? 0) + 1;
        expect(waits.get("always there")).toBeLessThan(Math.ceil(lanes / perRound));
      }),
    );
  });
});
