import { expect, it } from "vitest";
import type { Server } from "./api/types.ts";
import { addSample, noSamples, total } from "./overview-samples.ts";

const gateway = (instance: string, counts: Record<string, number>, age_ms = 0): Server => ({
  server_id: instance,
  service: "gateway",
  instance,
  started_at: 0,
  state: "ready",
  counts,
  age_ms,
  health: "healthy",
  clock_skew_ms: 0,
  superseded: 0,
});

it("makes rates of two heartbeats, added up over the gateways", () => {
  const first = addSample(
    noSamples,
    [
      gateway("a", { connections: 2, published: 10, delivered: 20 }),
      gateway("b", { connections: 1, published: 0, delivered: 5 }),
    ],
    10_000,
  );
  expect(first.list).toEqual([
    { at: 10, connections: 3, messagesIn: null, messagesOut: null, latencyMs: null },
  ]);
  const { list } = addSample(
    first,
    [
      gateway("a", { connections: 2, published: 40, delivered: 80, latency_ms: 30, latency_samples: 12 }),
      gateway("b", { connections: 1, published: 30, delivered: 35, latency_ms: 66, latency_samples: 12 }),
    ],
    13_000,
  );
  expect(list[1]).toEqual({ at: 13, connections: 3, messagesIn: 20, messagesOut: 30, latencyMs: 4 });
});

it("keeps the last rate where the heartbeat is the same one, and measures the next from there", () => {
  let samples = addSample(noSamples, [gateway("a", { published: 0 }, 1_000)], 10_000);
  samples = addSample(samples, [gateway("a", { published: 30 }, 1_000)], 13_000);
  samples = addSample(samples, [gateway("a", { published: 30 }, 2_000)], 14_000);
  expect(samples.list.map(({ messagesIn }) => messagesIn)).toEqual([null, 10, 10]);
  samples = addSample(samples, [gateway("a", { published: 90 }, 0)], 15_000);
  expect(samples.list.at(-1)?.messagesIn).toBe(20);
});

it("takes a gateway that was restarted for another one", () => {
  const first = addSample(noSamples, [gateway("a", { published: 1_000 })], 10_000);
  expect(addSample(first, [gateway("a2", { published: 3 })], 13_000).list[1]?.messagesIn).toBeNull();
});

it("keeps so many samples", () => {
  let samples = noSamples;
  for (let index = 0; index < 400; index += 1) samples = addSample(samples, [], index * 3_000);
  expect(samples.list).toHaveLength(300);
  expect(samples.list.at(-1)?.at).toBe(399 * 3);
});

it("adds a count up, and says where nobody tells it", () => {
  expect(total([gateway("a", { resets: 2 }), gateway("b", { resets: 3 })], "resets")).toBe(5);
  expect(total([gateway("a", {})], "resets")).toBeNull();
});
