import { describe, expect, it } from "vitest";
import { createSlotBelief } from "./slot-belief.ts";

const HEAD = 420_000_000;

/** Two nodes on a chain that makes a slot every 400 ms; one of them, or both, can say anything. */
function setUp() {
  let now = 0;
  const belief = createSlotBelief(
    () => now,
    () => Date.UTC(2026, 10, 1),
  );
  const pass = (ms: number): void => void (now += ms);
  const head = (): number => HEAD + Math.floor(now / 400);
  return { pass, head, believes: (node: string, slot: number) => belief.believes(node, slot) };
}

describe("slots that a node claims", () => {
  it("are believed of a chain as it goes on, also after hours of silence, and of a node that is behind", () => {
    const { believes, pass, head } = setUp();
    for (let turn = 0; turn < 100; turn += 1) {
      expect(believes("a", head())).toBe(true);
      expect(believes("b", head() - 5_000)).toBe(true);
      pass(400);
    }
    pass(36_000_000);
    expect(believes("a", head())).toBe(true);
    expect(believes("b", 17)).toBe(true);
    expect(believes("b", head())).toBe(true);
  });

  it.each<[string, (turn: number, head: number) => number]>([
    ["the largest number", () => Number.MAX_SAFE_INTEGER],
    ["any number", (turn, head) => head + 1_000 + ((turn * 7_919) % 1_000_003)],
    ["far ahead and back again", (turn, head) => (turn % 2 === 0 ? head + 100_000 : head - 100)],
    ["the same slot far ahead", (_, head) => head - (head % 1_000) + 500_000],
    ["hundreds of slots at a time", (turn, head) => head + 600 * (turn + 1)],
  ])("do not move the head while another node is honest: %s", (_, lie) => {
    const { believes, pass, head } = setUp();
    expect([believes("honest", head()), believes("liar", head())]).toEqual([true, true]);
    let highest = 0;
    let isHonestBelieved = true;
    for (let turn = 0; turn < 300_000; turn += 1) {
      isHonestBelieved &&= turn % 4_000 !== 0 || believes("honest", head());
      const slot = lie(turn, head());
      if (believes("liar", slot)) highest = Math.max(highest, slot - head());
      pass(0.1);
    }
    expect(isHonestBelieved).toBe(true);
    expect(highest).toBeLessThan(7_000);
  });

  it("are believed of a node alone that went on from where it jumped to, and not at once", () => {
    const { believes, pass, head } = setUp();
    expect(believes("a", head())).toBe(true);
    const answers: boolean[] = [];
    for (let turn = 0; turn < 40; turn += 1) {
      pass(400);
      answers.push(believes("a", head() + 50_000));
    }
    expect([answers.indexOf(true), answers.lastIndexOf(false)]).toEqual([25, 24]);
  });

  it("are those that exist when a lie came first", () => {
    const { believes, head } = setUp();
    expect(believes("liar", 2 ** 52)).toBe(false);
    expect([believes("honest", head()), believes("liar", head() + 2_000)]).toEqual([true, false]);
  });
});
