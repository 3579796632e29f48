import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createChainOrder, type Link } from "./chain-order.ts";

const block = (slot: number, parentSlot: number, fork = ""): Link => ({
  slot,
  parentSlot,
  blockhash: `${slot}${fork}`,
  previousBlockhash: `${parentSlot}`,
});
const drain = (order: ReturnType<typeof createChainOrder<Link>>): number[] => {
  const slots: number[] = [];
  for (let next = order.next(); next !== null; next = order.next()) slots.push(next.slot);
  return slots;
};

describe("order of the chain", () => {
  it("gives every block once, parents first, in whatever order they come and however often", () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(gaps, fc.array(fc.nat(), { maxLength: 80 }), (steps, picks) => {
        let slot = 9;
        const chain = steps.map((step) => {
          const parent = slot;
          slot += step;
          return block(slot, parent);
        });
        const order = createChainOrder<Link>(10);
        const given: number[] = [];
        for (const pick of [...picks, ...chain.keys()]) {
          const next = chain[pick % chain.length];
          if (next !== undefined) order.add(next);
          given.push(...drain(order));
          for (const missing of order.missing) expect(chain.some((each) => each.slot === missing)).toBe(true);
        }
        expect(given).toEqual(chain.map((each) => each.slot));
        expect([order.held, order.last, order.missing]).toEqual([0, slot, []]);
      }),
    );
  });

  it("names the parent that is missing, whatever anybody says of that slot", () => {
    const order = createChainOrder<Link>(5);
    order.add(block(5, 4));
    order.add(block(8, 7));
    expect([drain(order), order.missing]).toEqual([[5], [7]]);
    order.add(block(7, 5));
    expect([drain(order), order.last]).toEqual([[7, 8], 8]);
  });

  it("goes over to a fork that leaves blocks behind, and asks for another block of the same slot", () => {
    const order = createChainOrder<Link>(5);
    for (const each of [block(5, 4), block(6, 5), block(7, 6)]) order.add(each);
    expect(drain(order)).toEqual([5, 6, 7]);
    order.add(block(8, 5));
    expect(drain(order)).toEqual([8]);
    order.add({ ...block(10, 9), previousBlockhash: "9b" });
    order.add(block(9, 8));
    expect([drain(order), order.missing]).toEqual([[9], [9]]);
    order.add(block(9, 8, "b"));
    expect(drain(order)).toEqual([9, 10]);
  });

  it("forgets the block in the highest slot, which can be brought again", () => {
    const order = createChainOrder<Link>(5);
    for (const each of [block(7, 6), block(9, 8), block(8, 7)]) order.add(each);
    expect([order.dropHighest(), order.held, order.missing]).toEqual([9, 2, [6]]);
    for (const each of [block(5, 4), block(6, 5), block(9, 8)]) order.add(each);
    expect([drain(order), order.dropHighest()]).toEqual([[5, 6, 7, 8, 9], null]);
  });

  it("goes on without a block that nobody has, and begins with the first block of all", () => {
    const order = createChainOrder<Link>(0);
    order.add(block(0, 0));
    order.add(block(3, 2));
    expect([drain(order), order.missing]).toEqual([[0], [2]]);
    order.skip(2);
    expect(drain(order)).toEqual([3]);
  });
});
