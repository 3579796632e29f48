import { silentLogger } from "@commcoin/service/telemetry";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { BlockAnswer } from "./ask-block.ts";
import { type BlockWalkOptions, createBlockWalk } from "./block-walk.ts";
import type { ReadBlock } from "./read-block.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A chain with blocks in these slots, each on the one before it. */
function chainOf(...slots: readonly number[]): ReadonlyMap<number, ReadBlock> {
  const parent = (at: number): number => slots[at - 1] ?? (slots[0] ?? 0) - 1;
  return new Map(
    slots.map((slot, at) => [
      slot,
      {
        slot,
        parentSlot: parent(at),
        blockhash: `hash of ${slot}`,
        previousBlockhash: `hash of ${parent(at)}`,
        transactions: [],
      },
    ]),
  );
}

type Kind = Exclude<BlockAnswer["kind"], "block">;
/** What is said of a slot before its block is given. */
type Refusals = Readonly<Record<number, readonly Kind[] | Kind>>;

/** A walk along a chain on a fake clock. A slot without a block is not there yet; a single refusal is for ever. */
function walkAlong(
  chain: ReadonlyMap<number, ReadBlock>,
  { refusals = {}, ...options }: Partial<BlockWalkOptions> & { refusals?: Refusals } = {},
) {
  const asked: number[] = [];
  const given: string[] = [];
  const lost: number[] = [];
  const abort = new AbortController();
  const answer = (slot: number, turn: number): BlockAnswer => {
    const said = refusals[slot];
    const kind = typeof said === "string" ? said : said?.[turn];
    if (kind !== undefined) return { kind };
    const block = chain.get(slot);
    return block === undefined ? { kind: "not_yet" } : { kind: "block", block };
  };
  const walk = createBlockWalk({
    from: 1,
    ask: (slot, turn) => {
      asked.push(slot);
      return Promise.resolve(answer(slot, turn));
    },
    list: (from, to) => Promise.resolve([...chain.keys()].filter((slot) => slot >= from && slot <= to)),
    onBlock: ({ slot }, origin) => {
      given.push(`${slot} ${origin}`);
      return Promise.resolve();
    },
    onLost: (slot) => void lost.push(slot),
    log: silentLogger,
    throttledLog: { warn: () => {} },
    ...options,
  });
  let ended = false;
  const running = walk.run(abort.signal).then(() => (ended = true));
  onTestFinished(async () => {
    abort.abort();
    await running;
  });
  return {
    walk,
    asked,
    given,
    lost,
    abort,
    ended: () => ended,
    timesAsked: (slot: number) => asked.filter((each) => each === slot).length,
    announce: async (...slots: readonly number[]): Promise<void> => {
      for (const slot of slots) {
        walk.announce(slot);
        await vi.advanceTimersByTimeAsync(400);
      }
    },
  };
}

describe("a walk along the chain", () => {
  it("gives each block once, after its parent, past slots without one", async () => {
    const refusals = { 2: ["not_yet", "not_yet"], 3: "skipped", 5: ["not_yet"] } as const;
    const { announce, given, lost } = walkAlong(chainOf(1, 2, 4, 5, 6), { refusals });
    await announce(1, 2, 3, 4, 5, 6, 7);
    expect(given).toEqual(["1 live", "2 live", "4 live", "5 live", "6 live"]);
    expect(lost).toEqual([]);
  });

  it("does not believe that a slot was skipped when the next block names its block", async () => {
    const refusals = { 2: ["skipped"] } as const;
    const { announce, given, timesAsked } = walkAlong(chainOf(1, 2, 3), { refusals });
    await announce(1, 2);
    expect([given, timesAsked(2)]).toEqual([["1 live"], 1]);
    await announce(3);
    expect(given).toEqual(["1 live", "2 backfill", "3 live"]);
  });

  it("asks for a block that nobody announced, because the next one names it", async () => {
    const { announce, given } = walkAlong(chainOf(1, 2, 3));
    await announce(1, 3);
    expect(given).toEqual(["1 live", "2 backfill", "3 live"]);
  });

  it("lists what was not announced, and goes on when it cannot be listed at once", async () => {
    const chain = chainOf(1, 2, 9, 20, 21);
    let lists = 0;
    const { announce, given } = walkAlong(chain, {
      list: (from, to) => {
        lists += 1;
        if (lists === 1) return Promise.reject(new Error("no"));
        return Promise.resolve([...chain.keys()].filter((slot) => slot >= from && slot <= to));
      },
    });
    await announce(21);
    expect(lists).toBe(2);
    expect(given).toEqual(["1 backfill", "2 backfill", "9 backfill", "20 backfill", "21 backfill"]);
  });

  it("follows the chain back where lists leave out what there is, and holds no more than 64 blocks for it", async () => {
    const count = 2_010;
    const slots = Array.from({ length: count }, (_, at) => at + 1);
    const { announce, asked, given } = walkAlong(chainOf(...slots), {
      list: (from, to) =>
        Promise.resolve(slots.filter((slot) => slot >= Math.max(2_000, from) && slot <= to)),
    });
    await announce(count, count + 1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(given.map((text) => Number.parseInt(text))).toEqual(slots);
    // What is not held any more when the beginning is found is asked for again.
    expect(asked.length).toBeGreaterThanOrEqual(2 * count - 64 - 8);
  });

  it("ends behind the last slot that matters, also where that has no block", async () => {
    const chain = chainOf(1, 2, 6, 7);
    const { announce, given, ended } = walkAlong(chain, { to: 4 });
    await announce(7);
    await announce(8);
    expect([given, ended()]).toEqual([["1 backfill", "2 backfill"], true]);
  });

  it("asks for no more than eight blocks ahead of the one that is worked on", async () => {
    const slots = Array.from({ length: 40 }, (_, at) => at + 1);
    const begun: number[] = [];
    let finish = (): void => {};
    const { announce, asked } = walkAlong(chainOf(...slots), {
      onBlock: ({ slot }) => {
        begun.push(slot);
        return new Promise((resolve) => (finish = resolve));
      },
    });
    await announce(40, 41);
    for (const slot of slots) {
      expect(begun.at(-1)).toBe(slot);
      expect(asked.length).toBeGreaterThanOrEqual(Math.min(40, slot + 6));
      expect(asked.length).toBeLessThanOrEqual(slot + 8);
      finish();
      await vi.advanceTimersByTimeAsync(1);
    }
  });

  it("asks again less and less often", async () => {
    const { announce, timesAsked } = walkAlong(chainOf(1, 3), { refusals: { 2: "not_yet" } });
    await announce(1, 2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(timesAsked(2)).toBeGreaterThan(10);
    expect(timesAsked(2)).toBeLessThan(25);
  });
});

describe("a head that no node has reached", () => {
  const SLOTS = [1, 2, 3, 4, 5, 6];
  const slotsOf = (given: readonly string[]): readonly number[] => given.map((text) => Number.parseInt(text));
  /** A chain that grows: slots are there once they are announced. */
  function growing(options: Partial<BlockWalkOptions> = {}) {
    const chain = new Map<number, ReadBlock>();
    const walked = walkAlong(chain, options);
    return {
      ...walked,
      grow: async (...slots: readonly number[]): Promise<void> => {
        for (const slot of slots) {
          for (const [each, block] of chainOf(...SLOTS)) if (each <= slot) chain.set(each, block);
          await walked.announce(slot);
        }
      },
    };
  }

  it.each([
    ["thousands of slots ahead", [5_000]],
    ["dozens of slots ahead, and back", [1_100, 1_050, 1_200]],
    ["ever further ahead", [2_000, 40_000, 2 ** 40, Number.MAX_SAFE_INTEGER]],
    ["by more lies than are remembered", Array.from({ length: 200 }, (_, n) => 3_000 + n * 7)],
  ])("keeps no slot from being read in time: %s", async (_, lies) => {
    const { grow, given, walk } = growing();
    await grow(1, 2);
    for (const slot of lies) walk.announce(slot);
    await vi.advanceTimersByTimeAsync(1_000);
    await grow(3, 4);
    for (const slot of lies) walk.announce(slot);
    await grow(5, 6);
    expect(slotsOf(given)).toEqual(SLOTS);
  });

  it("is not made true by a list of blocks that are none", async () => {
    const { announce, grow, given } = growing({
      list: (from, to) => Promise.resolve([4_990, 5_000].filter((slot) => slot >= from && slot <= to)),
    });
    await grow(1, 2);
    await announce(5_000);
    await vi.advanceTimersByTimeAsync(5_000);
    await grow(3, 4, 5, 6);
    expect(slotsOf(given)).toEqual(SLOTS);
  });

  it("is listed no more once nodes do not know it", async () => {
    let lists = 0;
    const { announce } = growing({
      list: () => {
        lists += 1;
        return Promise.resolve([]);
      },
    });
    await announce(1, 2, 5_000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lists).toBe(2);
  });
});

it("passes thousands of slots without any block, as a node that was restored lacks, where blocks are behind them", async () => {
  const { announce, given } = walkAlong(chainOf(1, 2, 7_600, 7_601));
  await announce(1, 2, 7_601);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(given).toEqual(["1 live", "2 live", "7600 backfill", "7601 backfill"]);
});

describe("a block that nobody gives", () => {
  it("is lost at once when all nodes have cleaned it up and the next one names it; the others are given", async () => {
    const { announce, given, lost } = walkAlong(chainOf(1, 2, 3, 4), { refusals: { 2: "gone" } });
    await announce(1, 2);
    expect(lost).toEqual([]);
    await announce(3, 4);
    expect([given, lost]).toEqual([["1 live", "3 live", "4 live"], [2]]);
  });

  it("is lost, each by itself, where a list names what was cleaned up", async () => {
    const { announce, given, lost } = walkAlong(chainOf(1, 2, 3, 20), { refusals: { 1: "gone", 2: "gone" } });
    await announce(20, 21);
    expect([given, lost]).toEqual([
      ["3 backfill", "20 backfill"],
      [1, 2],
    ]);
  });

  it.each(["not_yet", "skipped"] as const)(
    "is asked for during a minute when nodes say '%s', then lost, once; the others are given",
    async (kind) => {
      const { announce, given, lost, timesAsked } = walkAlong(chainOf(1, 2, 3, 4), {
        refusals: { 2: kind },
      });
      await announce(1, 2, 3, 4);
      await vi.advanceTimersByTimeAsync(58_000);
      expect([given, lost]).toEqual([["1 live"], []]);
      expect(timesAsked(2)).toBeGreaterThan(40);
      await vi.advanceTimersByTimeAsync(5_000);
      expect([given, lost]).toEqual([["1 live", "3 live", "4 live"], [2]]);
      const asked = timesAsked(2);
      await vi.advanceTimersByTimeAsync(120_000);
      expect([timesAsked(2), lost]).toEqual([asked, [2]]);
    },
  );

  it("is not given up while it may only be late: nothing names it", async () => {
    const { announce, lost, timesAsked } = walkAlong(chainOf(1), { refusals: { 2: "not_yet" } });
    await announce(1, 2);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(lost).toEqual([]);
    expect(timesAsked(2)).toBeGreaterThan(250);
  });
});
