import { describe, expect, it } from "vitest";
import type { LedgerEvent } from "./events.ts";
import { createLedger, type LedgerOptions } from "./ledger.ts";
import { executedTransaction as transaction } from "../testing/executed.ts";

const create = (options: Partial<LedgerOptions> = {}) => {
  const ledger = createLedger({
    now: () => 1_700_000_000_900,
    genesis: "test",
    finalitySlots: 3,
    ...options,
  });
  const events: string[] = [];
  ledger.subscribe((event: LedgerEvent) => {
    if (event.type === "forked") events.push(`forked ${event.base.slot}`);
    else if (event.type === "received") events.push(`received ${event.transaction.slot}`);
    else events.push(`${event.type} ${"block" in event ? event.block.slot : event.slot}`);
  });
  const advance = (slots: number): void => {
    for (let slot = 0; slot < slots; slot += 1) ledger.advance();
  };
  return { ledger, events, advance };
};

describe("the ledger", () => {
  it("links blocks, and repeats the same blockhashes for the same name", () => {
    const [one, other] = [create(), create()];
    one.advance(3);
    other.advance(3);
    const block = one.ledger.block(3);
    expect(block).toEqual({
      slot: 3,
      parentSlot: 2,
      blockHeight: 3,
      blockTime: 1_700_000_000,
      blockhash: other.ledger.block(3)?.blockhash,
      previousBlockhash: one.ledger.block(2)?.blockhash,
      transactions: [],
    });
    expect(create({ genesis: "another" }).ledger.genesisHash).not.toBe(one.ledger.genesisHash);
  });

  it("goes through processed, confirmed and finalized, one block after the other", () => {
    const { ledger, events, advance } = create();
    advance(4);
    expect(events.slice(-4)).toEqual(["frozen 4", "confirmed 3", "finalized 1", "created 5"]);
    expect([ledger.slot("processed"), ledger.slot("confirmed"), ledger.slot("finalized")]).toEqual([4, 3, 1]);
    expect([1, 2, 3, 4].map(ledger.commitmentOf)).toEqual([
      "finalized",
      "confirmed",
      "confirmed",
      "processed",
    ]);
  });

  it("shows a transaction once its slot is complete, with its place in the block", () => {
    const { ledger, events } = create();
    ledger.add(transaction("a", "alice"));
    ledger.add(transaction("b", "alice", "bob"));
    expect(events).toEqual(["received 1", "received 1"]);
    expect(ledger.transaction("b")).toBeNull();
    expect(() => ledger.add(transaction("b", "bob"))).toThrow("in the ledger already");
    ledger.advance();
    expect(ledger.transaction("b")).toMatchObject({ slot: 1, index: 1 });
    expect(() => ledger.add(transaction("b", "bob"))).toThrow("in the ledger already");
    expect(ledger.transactionCount(1)).toBe(2);
  });

  it("finds transactions by address, lookup tables included, in ledger order", () => {
    const { ledger } = create();
    for (const signature of ["a", "b", "c"]) {
      ledger.add(transaction(signature, signature === "b" ? "bob" : "alice"));
      ledger.advance();
    }
    const signatures = (address: string) =>
      ledger.transactionsOf(address).map(({ executed }) => executed.signature);
    expect(signatures("alice")).toEqual(["a", "c"]);
    expect(signatures("table-readonly")).toEqual(["a", "b", "c"]);
    expect(signatures("nobody")).toEqual([]);
  });

  it("forgets the oldest blocks with all that points to them", () => {
    const { ledger, advance } = create({ retainedSlots: 10 });
    ledger.add(transaction("a", "alice"));
    ledger.advance();
    advance(8);
    expect(ledger.transaction("a")).not.toBeNull();
    advance(3);
    expect(ledger.firstAvailableSlot()).toBe(3);
    expect(ledger.block(1)).toBeNull();
    expect(ledger.transaction("a")).toBeNull();
    expect(ledger.transactionsOf("alice")).toEqual([]);
  });

  it("leaves out slots, and counts commitment in blocks", () => {
    const { ledger, events, advance } = create();
    advance(4);
    ledger.skip(2);
    advance(2);
    expect(ledger.openSlot()).toBe(9);
    expect([5, 6, 7, 8].map((slot) => ledger.block(slot)?.parentSlot)).toEqual([4, undefined, undefined, 5]);
    expect(ledger.block(8)).toMatchObject({ blockHeight: 6, previousBlockhash: ledger.block(5)?.blockhash });
    expect(events.slice(-4)).toEqual(["frozen 8", "confirmed 5", "finalized 3", "created 9"]);
  });

  it("makes several blocks final at once after it held the root", () => {
    const { ledger, advance } = create();
    advance(4);
    const roots: (readonly [number, boolean])[] = [];
    ledger.subscribe((event) => {
      if (event.type === "finalized") roots.push([event.block.slot, event.isRoot]);
    });
    ledger.holdRoot(2);
    advance(2);
    expect(roots).toEqual([]);
    advance(2);
    expect(roots).toEqual([
      [2, false],
      [3, false],
      [4, true],
      [5, true],
    ]);
  });

  it("goes over to another fork, on which what it lost can land again", () => {
    const { ledger, events, advance } = create({ finalitySlots: 6 });
    advance(7);
    ledger.add(transaction("a", "alice"));
    advance(1);
    ledger.add(transaction("b", "alice"));
    advance(2);
    ledger.add(transaction("c", "alice"));
    events.length = 0;
    expect(ledger.fork(3).map(({ slot }) => slot)).toEqual([8, 9, 10]);
    expect(events).toEqual(["forked 7", "created 12"]);
    expect([ledger.slot("processed"), ledger.slot("confirmed"), ledger.slot("finalized")]).toEqual([7, 7, 4]);
    expect(["a", "b", "c"].map(ledger.has)).toEqual([false, false, false]);
    expect(ledger.transactionsOf("alice")).toEqual([]);
    ledger.add(transaction("b", "alice"));
    advance(2);
    expect(ledger.block(12)).toMatchObject({ parentSlot: 7, blockHeight: 8 });
    expect(ledger.transaction("b")).toMatchObject({ slot: 12, index: 0 });
    expect(ledger.slot("confirmed")).toBe(12);
  });

  it("never loses what is final", () => {
    const { ledger, advance } = create();
    advance(5);
    expect(() => ledger.fork(4)).toThrow("A fork loses 1 to 3 blocks now, not 4");
    expect(ledger.fork(3)).toHaveLength(3);
    expect(() => ledger.fork(1)).toThrow(RangeError);
  });
});
