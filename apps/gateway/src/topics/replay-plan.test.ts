import { describe, expect, it } from "vitest";
import { planReplay, REPLAY_LIMIT, type TopicStanding } from "./replay-plan.ts";

const standing: TopicStanding = { epoch: "e", offset: 100, first: 91, oldestKept: 50 };
const since = (offset: number, epoch = "e") => ({ since: { epoch, offset } });

describe("replay plan", () => {
  it.each([
    ["nothing asked", {}, { state: { recovered: false, replayed: 0 }, from: 101 }],
    ["nothing missed", since(100), { state: { recovered: true, replayed: 0 }, from: 101 }],
    ["all in memory", since(90), { state: { recovered: true, replayed: 10 }, from: 91 }],
    ["older than memory", since(89), null],
    ["the oldest that may still be kept", since(49), null],
    ["gone", since(48), { state: { recovered: false, replayed: 0, reason: "trimmed" }, from: 101 }],
    [
      "another epoch",
      since(100, "f"),
      { state: { recovered: false, replayed: 0, reason: "epoch_changed" }, from: 101 },
    ],
    [
      "a position ahead",
      since(101),
      { state: { recovered: false, replayed: 0, reason: "epoch_changed" }, from: 101 },
    ],
    ["the newest", { last: 10 }, { state: { recovered: false, replayed: 10 }, from: 91 }],
    ["more of the newest than memory holds", { last: 11 }, null],
    ["since before last", { ...since(98), last: 10 }, { state: { recovered: true, replayed: 2 }, from: 99 }],
  ])("%s", (_, wish, plan) => {
    expect(planReplay(standing, wish)).toEqual(plan);
  });

  it("gives what is kept to who asks for the newest of a topic that is all in memory", () => {
    const short = { epoch: "e", offset: 3, first: 2, oldestKept: 2 };
    expect(planReplay(short, { last: 100 })).toEqual({ state: { recovered: false, replayed: 2 }, from: 2 });
  });

  it("replays nothing of a topic whose newest known frames are gone, and no less", () => {
    const behind = { epoch: "e", offset: 1, first: 2, oldestKept: 3 };
    expect(planReplay(behind, { last: 1 })).toEqual({ state: { recovered: false, replayed: 0 }, from: 2 });
  });

  it("refuses to replay more than the limit, whatever memory holds", () => {
    const long = { epoch: "e", offset: REPLAY_LIMIT + 1, first: 1, oldestKept: 1 };
    expect(planReplay(long, since(1))?.state.recovered).toBe(true);
    expect(planReplay(long, since(0))?.state).toEqual({ recovered: false, replayed: 0, reason: "limit" });
  });
});
