import { describe, expect, it } from "vitest";
import { inSlotOrder } from "./in-slot-order.ts";
import { createWaitingLine } from "./waiting-line.ts";

interface Item {
  readonly slot: number;
  readonly index: number;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const turns = async (count: number): Promise<void> => {
  for (let left = count; left > 0; left -= 1) await turn();
};

/** Runs items through; `work` takes as many turns of the event loop as it says. */
function run(window: number, turnsOf: (item: Item) => number) {
  const line = createWaitingLine<Item>({ capacity: 1_000 });
  const consumed: string[] = [];
  let inside = 0;
  let most = 0;
  const done = inSlotOrder<Item, Item>({
    take: () => line.take(),
    slotOf: ({ slot }) => slot,
    window,
    async work(item) {
      inside += 1;
      most = Math.max(most, inside);
      await turns(turnsOf(item));
      return item.index === -1 ? null : item;
    },
    sort: (results) => Promise.resolve(results.toSorted((one, other) => one.index - other.index)),
    async consume(result) {
      await turn();
      inside -= 1;
      consumed.push(`${result.slot}.${result.index}`);
    },
  });
  return { line, consumed, done, most: () => most };
}

describe("work in slot order", () => {
  it("works on several at a time, never more than the window, and consumes in the order of the chain", async () => {
    const { line, consumed, done, most } = run(8, ({ slot, index }) => (slot * 7 + index * 3) % 5);
    for (let slot = 0; slot < 20; slot += 1) {
      for (const index of [2, 0, 1]) line.push({ slot, index });
    }
    line.close();
    await done;
    expect(most()).toBe(8);
    expect(consumed).toHaveLength(60);
    const slots = consumed.map((text) => Number(text.split(".")[0]));
    expect(slots).toEqual(slots.toSorted((a, b) => a - b));
  });

  it("sorts what one slot holds by place in the block, however it arrived", async () => {
    const { line, consumed, done } = run(10, ({ index }) => index % 3);
    for (const index of [3, 1, 4, 0, 2]) line.push({ slot: 7, index });
    line.close();
    await done;
    expect(consumed).toEqual(["7.0", "7.1", "7.2", "7.3", "7.4"]);
  });

  it("goes on behind results that are left out", async () => {
    const { line, consumed, done } = run(2, () => 0);
    for (const index of [-1, -1, 1, -1, 0]) line.push({ slot: 7, index });
    line.push({ slot: 8, index: 0 });
    line.close();
    await done;
    expect(consumed.toSorted()).toEqual(["7.0", "7.1", "8.0"]);
  });

  it("takes what comes late of an old slot next, and waits for nothing that was not brought", async () => {
    const { line, consumed, done } = run(10, () => 0);
    line.push({ slot: 9, index: 0 });
    while (consumed.length === 0) await turn();
    line.push({ slot: 11, index: 0 });
    line.push({ slot: 8, index: 0 });
    line.push({ slot: 10, index: 0 });
    line.close();
    await done;
    expect(consumed[0]).toBe("9.0");
    expect(new Set(consumed)).toEqual(new Set(["8.0", "9.0", "10.0", "11.0"]));
    expect(consumed.indexOf("8.0")).toBeLessThan(consumed.indexOf("10.0"));
  });
});
