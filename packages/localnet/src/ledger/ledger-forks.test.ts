import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { executedTransaction } from "../testing/executed.ts";
import type { Commitment } from "./block.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { createOracle, type Oracle } from "./oracle.ts";

const ADDRESSES = ["alice", "bob", "carol"] as const;
const COMMITMENTS: readonly Commitment[] = ["processed", "confirmed", "finalized"];

type Step =
  | { readonly do: "add"; readonly address: (typeof ADDRESSES)[number] }
  | { readonly do: "reland"; readonly pick: number }
  | { readonly do: "advance" }
  | { readonly do: "skip" | "holdRoot" | "fork"; readonly count: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("add" as const), address: fc.constantFrom(...ADDRESSES) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("reland" as const), pick: fc.nat() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("advance" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("skip" as const, "holdRoot" as const, "fork" as const),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
);

const chainOf = (ledger: Ledger) => {
  const blocks = [];
  for (let slot = 0; slot < ledger.openSlot(); slot += 1) {
    const block = ledger.block(slot);
    if (block) blocks.push(block);
  }
  return blocks;
};

/** Blocks refer to the block before them, in slots that only grow. */
const checkParents = (ledger: Ledger): void => {
  const blocks = chainOf(ledger);
  for (const [index, block] of blocks.entries()) {
    const parent = blocks[index - 1];
    if (!parent) continue;
    expect(block).toMatchObject({
      parentSlot: parent.slot,
      previousBlockhash: parent.blockhash,
      blockHeight: parent.blockHeight + 1,
    });
  }
  const reached = COMMITMENTS.map(ledger.slot);
  for (const slot of reached) expect(ledger.block(slot)).not.toBeNull();
  expect(reached).toEqual(reached.toSorted((one, other) => other - one));
  expect(blocks.at(-1)?.slot).toBe(ledger.slot("processed"));
};

/** Blocks, signatures, addresses, counts and the oracle know the same transactions in the same places. */
const checkViews = (ledger: Ledger, oracle: Oracle): void => {
  const placed = chainOf(ledger).flatMap(({ transactions }) => transactions);
  for (const transaction of placed) {
    const { signature } = transaction.executed;
    expect(ledger.transaction(signature)).toBe(transaction);
    expect(ledger.block(transaction.slot)?.transactions[transaction.index]).toBe(transaction);
    const { outcome, slot, index } = oracle.transaction(signature) ?? {};
    expect([outcome, slot, index]).toEqual([
      ledger.commitmentOf(transaction.slot),
      transaction.slot,
      transaction.index,
    ]);
  }
  for (const address of ADDRESSES) {
    const named = placed.filter(({ executed }) => executed.transaction.message.accountKeys[0] === address);
    expect(ledger.transactionsOf(address)).toEqual(named);
  }
  expect(ledger.transactionCount(ledger.slot("processed"))).toBe(placed.length);
  const inOracle = oracle
    .transactions()
    .filter(({ outcome }) => outcome !== "dropped" && outcome !== "received");
  expect(inOracle.map(({ signature }) => signature)).toEqual(
    placed.map(({ executed }) => executed.signature),
  );
  for (const slot of oracle.lostSlots()) expect(ledger.block(slot)).toBeNull();
};

const RANK = { received: 0, processed: 1, confirmed: 2, finalized: 3 } as const;

/** A landing only rises, until it is lost, and nothing happens to it afterwards; what is final stays. */
const createStatusCheck = (oracle: Oracle) => {
  let before = new Map(oracle.transactions().map((each) => [each.signature, each]));
  return (): void => {
    const now = new Map(oracle.transactions().map((each) => [each.signature, each]));
    for (const [signature, was] of before) {
      const is = now.get(signature);
      expect(is?.landings.length).toBeGreaterThanOrEqual(was.landings.length);
      for (const [index, old] of was.landings.entries()) {
        const landing = is?.landings[index];
        if (old.lost) expect(landing).toEqual(old);
        else expect(RANK[landing?.reached ?? "received"]).toBeGreaterThanOrEqual(RANK[old.reached]);
        if (old.reached === "finalized") expect(landing?.lost).toBe(false);
      }
    }
    before = now;
  };
};

/** Forks as deep as wanted and possible, and returns how many blocks that cost. */
const forkAtMost = (ledger: Ledger, wanted: number): number => {
  const height = (commitment: Commitment): number => ledger.block(ledger.slot(commitment))?.blockHeight ?? 0;
  const most = height("processed") - height("finalized");
  expect(() => ledger.fork(most + 1)).toThrow(RangeError);
  return most === 0 ? 0 : ledger.fork(Math.min(wanted, most)).length;
};

describe("a ledger that skips, forks and jumps", () => {
  it("keeps its views together, whatever happens", () => {
    let lostBlocks = 0;
    let relanded = 0;
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 20, maxLength: 60, size: "max" }),
        fc.integer({ min: 0, max: 3 }),
        (steps, confirmationSlots) => {
          const ledger = createLedger({ now: () => 0, genesis: "test", confirmationSlots, finalitySlots: 5 });
          const oracle = createOracle(ledger);
          const checkStatuses = createStatusCheck(oracle);
          let count = 0;
          const perform = (wanted: Step): void => {
            if (wanted.do === "advance") ledger.advance();
            else if (wanted.do === "skip") ledger.skip(wanted.count);
            else if (wanted.do === "holdRoot") ledger.holdRoot(wanted.count);
            else if (wanted.do === "add") {
              count += 1;
              ledger.add(executedTransaction(`signature ${count}`, wanted.address));
            } else if (wanted.do === "reland") {
              const dropped = oracle.transactions().filter(({ outcome }) => outcome === "dropped");
              const again = dropped[wanted.pick % Math.max(1, dropped.length)];
              if (!again) return;
              ledger.add(executedTransaction(again.signature, again.accounts[0] ?? ""));
              relanded += 1;
            } else {
              lostBlocks += forkAtMost(ledger, wanted.count);
            }
          };
          for (const wanted of steps) {
            perform(wanted);
            checkParents(ledger);
            checkViews(ledger, oracle);
            checkStatuses();
          }
        },
      ),
      { numRuns: 40 },
    );
    expect(lostBlocks).toBeGreaterThan(10);
    expect(relanded).toBeGreaterThan(10);
  });
});
