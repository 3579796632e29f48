import { expect, it } from "vitest";
import { createWatermarks } from "../progress/watermarks.ts";
import type { Source } from "../sources/source.ts";
import { describeListener, type ListenerParts } from "./listener-status.ts";

it("tells the age of the checkpoint, the limits of nodes, and that an address just added is proven up to its beginning", () => {
  const watermarks = createWatermarks();
  watermarks.begin("old", 95);
  const lanes = [
    { source: "account", address: "old", fromSlot: 0, coin: false },
    { source: "account", address: "new", fromSlot: 98, coin: false },
  ] as const;
  const source: Source = {
    name: "account",
    run: () => Promise.resolve(),
    lanes: () => lanes,
    status: () => ({ name: "account", wanted: 2, needed: 2, live: 2, streams: [] }),
  };
  const active = {
    pipeline: { waiting: 0 },
    publisher: { size: 0 },
    audit: { ageMs: 0 },
    keeper: { ageMs: 1_400.6 },
    finality: { size: 0 },
    firehose: null,
    fence: 1,
    watermarks,
  } as unknown as ListenerParts["active"];
  const { sources, endpoints, checkpoint_age_ms } = describeListener({
    role: "leader",
    nodes: [
      { endpoint: "node", slot: 100, slotAgeMs: 10, spare: false, reconnects: 0 },
    ] as unknown as ListenerParts["nodes"],
    sources: [source],
    active,
    counts: {} as ListenerParts["counts"],
    isDoubted: () => false,
    requestsDelayed: 0,
    limits: [{ endpoint: "node", perSecond: 40, pauseMs: 199.2, waiting: 3 }],
    requestCounts: () => ({ requests: 9, rateLimited: 2, failed: 1 }),
    refusals: [],
  });
  expect(sources).toMatchObject([{ watermark: 95, lag: 5 }]);
  expect(checkpoint_age_ms).toBe(1_401);
  expect(endpoints).toEqual([
    {
      endpoint: "node",
      requests: 9,
      rate_limited: 2,
      failed: 1,
      waiting: 3,
      per_second: 40,
      pause_ms: 200,
    },
  ]);
});
