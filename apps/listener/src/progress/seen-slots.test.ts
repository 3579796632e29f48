import { describe, expect, it } from "vitest";
import { createLostTransactions } from "../pipeline/lost-transactions.ts";
import { createSeenSlots } from "./seen-slots.ts";
import { createUnfinishedSlots } from "./unfinished-slots.ts";

const of = (signature: string, slot: number) => ({
  signature,
  slot,
  address: "address",
  err: null,
  source: "program" as const,
  endpoint: "node",
  origin: "live" as const,
  receivedAt: 0,
});
const signatures = (found: readonly { readonly signature: string }[]) =>
  found.map(({ signature }) => signature).join("");

describe("seen slots", () => {
  it("knows what was added, and lists it slot by slot", () => {
    const seen = createSeenSlots(100);
    const added = [of("b", 2), of("c", 3), of("a", 1), of("d", 2), of("b", 2)].map((item) => seen.add(item));
    expect(added).toEqual([true, true, true, true, false]);
    expect(signatures(seen.above(0))).toBe("abdc");
    expect(signatures(seen.above(1))).toBe("bdc");
    expect(seen.floor).toBe(-1);
  });

  it("forgets slots that are done with, and says up to where", () => {
    const seen = createSeenSlots(100);
    for (const item of [of("a", 1), of("b", 2), of("c", 3)]) seen.add(item);
    seen.prune(2);
    expect(["a", "b", "c"].map((signature) => seen.has(signature, 0))).toEqual([false, false, true]);
    expect(seen.floor).toBe(2);
    seen.prune(1);
    expect(seen.floor).toBe(2);
  });

  it("holds only so many: the oldest slots go first", () => {
    const seen = createSeenSlots(3);
    for (const item of [of("a", 5), of("b", 1), of("c", 1), of("d", 6)]) seen.add(item);
    expect(signatures(seen.above(0))).toBe("ad");
    expect(seen.floor).toBe(1);
  });

  it("takes a forgotten one for new", () => {
    const seen = createSeenSlots(3);
    seen.add(of("a", 1));
    seen.forget("a");
    expect(seen.above(0)).toEqual([]);
    expect(seen.add(of("a", 1))).toBe(true);
  });
});

describe("a signature in another slot", () => {
  it("counts as new in the later one, where a fork let it land again", () => {
    const seen = createSeenSlots(100);
    expect([of("a", 5), of("a", 8), of("a", 5), of("a", 8)].map((item) => seen.add(item))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(seen.above(5).map(({ slot }) => slot)).toEqual([8]);
    expect([seen.has("a", 8), seen.has("a", 9)]).toEqual([true, false]);
    // What is done up to the lost slot is not done with the transaction.
    seen.prune(5);
    expect(seen.has("a", 8)).toBe(true);
  });

  it("is unfinished there, where it was lost before", () => {
    const unfinished = createUnfinishedSlots();
    const lost = createLostTransactions(unfinished);
    unfinished.begin(5);
    lost.add(of("a", 5));
    expect(lost.found(of("a", 8))).toBe(true);
    expect([unfinished.oldest, unfinished.size]).toEqual([8, 1]);
    // A second time, before the first was fetched.
    expect(lost.found(of("a", 9))).toBe(false);
    unfinished.end(8);
    expect(unfinished.oldest).toBeNull();
  });
});

describe("unfinished slots", () => {
  it("knows the oldest until everything of it has ended", () => {
    const unfinished = createUnfinishedSlots();
    for (const slot of [7, 5, 5]) unfinished.begin(slot);
    unfinished.end(5);
    expect([unfinished.oldest, unfinished.size]).toEqual([5, 2]);
    unfinished.end(5);
    unfinished.end(5);
    expect([unfinished.oldest, unfinished.size]).toEqual([7, 1]);
    unfinished.end(7);
    expect([unfinished.oldest, unfinished.size]).toEqual([null, 0]);
  });
});

describe("lost transactions", () => {
  it("keep their slot unfinished until they are found, or given up after some audits", () => {
    const unfinished = createUnfinishedSlots();
    const lost = createLostTransactions(unfinished);
    unfinished.begin(5);
    expect(lost.add(of("a", 5))).toBe(true);
    for (let audit = 1; audit < 5; audit += 1) expect(lost.audited("address", 5)).toEqual([]);
    expect(unfinished.oldest).toBe(5);
    expect(lost.audited("address", 5)).toEqual(["a"]);
    expect(unfinished.oldest).toBeNull();
    expect(lost.found(of("a", 5))).toBe(false);
  });

  it("are not given up by audits of other addresses, or of earlier slots, but when theirs is not followed any more", () => {
    const unfinished = createUnfinishedSlots();
    const lost = createLostTransactions(unfinished);
    unfinished.begin(5);
    lost.add(of("a", 5));
    for (let audit = 0; audit < 9; audit += 1) {
      expect(lost.audited("another", 5)).toEqual([]);
      expect(lost.audited("address", 4)).toEqual([]);
    }
    expect(lost.followed(new Set(["address"]))).toEqual([]);
    expect(unfinished.oldest).toBe(5);
    expect(lost.followed(new Set(["another"]))).toEqual(["a"]);
    expect(unfinished.oldest).toBeNull();
  });

  it("are not given up by an audit while they are looked for again", () => {
    const unfinished = createUnfinishedSlots();
    const lost = createLostTransactions(unfinished);
    unfinished.begin(5);
    lost.add(of("a", 5));
    expect(lost.found(of("a", 5))).toBe(true);
    for (let audit = 0; audit < 9; audit += 1) expect(lost.audited("address", 5)).toEqual([]);
    expect(unfinished.oldest).toBe(5);
  });

  it("are tried five times", () => {
    const lost = createLostTransactions(createUnfinishedSlots());
    expect(Array.from({ length: 5 }, () => lost.add(of("a", 5)))).toEqual([true, true, true, true, false]);
  });
});
