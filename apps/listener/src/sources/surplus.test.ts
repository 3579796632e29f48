import { createMetricsRegistry } from "@commcoin/service/telemetry";
import { expect, it } from "vitest";
import { createListenerMetrics } from "../metrics/listener-metrics.ts";
import { createSurplus } from "./surplus.ts";

const notification = (method: string): string =>
  `{"jsonrpc":"2.0","method":"${method}","params":{"result":{},"subscription":1}}`;
const LOGS = Buffer.from(notification("logsNotification"));

/** Nodes of which some are doubted, on a fake clock. */
function setUp({ isAudited = true } = {}) {
  let now = 0;
  const doubted = new Set<string>();
  const live = new Set(["liar", "honest"]);
  const metrics = createListenerMetrics(createMetricsRegistry("listener"));
  const surplus = createSurplus({
    credit: { isDoubted: (endpoint) => doubted.has(endpoint) },
    comparison: {
      isCovered: (endpoint, isBelieved) => [...live].some((other) => other !== endpoint && isBelieved(other)),
    },
    isAudited,
    metrics,
    now: () => now,
  });
  return {
    doubted,
    live,
    pass: (ms: number) => void (now += ms),
    read: (endpoint: string, frames: number, frame: Uint8Array = LOGS) => {
      let read = 0;
      for (let n = 0; n < frames; n += 1) read += Number(!surplus.has(endpoint, frame));
      return read;
    },
    unread: async () =>
      (await metrics.nodeFaults.get()).values.map(({ labels: { endpoint, kind }, value }) => [
        endpoint,
        kind,
        value,
      ]),
  };
}

it.each([
  ["is believed", () => {}],
  [
    "is the only one",
    ({ doubted, live }: ReturnType<typeof setUp>) => void (doubted.add("liar"), live.delete("honest")),
  ],
  [
    "is as doubtful as the others",
    ({ doubted }: ReturnType<typeof setUp>) => void doubted.add("liar").add("honest"),
  ],
])("reads everything of a node that %s, however much it is", async (_, prepare) => {
  const scene = setUp();
  prepare(scene);
  for (let second = 0; second < 3; second += 1) {
    expect(scene.read("liar", 20_000)).toBe(20_000);
    scene.pass(1_000);
  }
  expect(await scene.unread()).toEqual([]);
});

it("reads everything where no audit finds what is left out", () => {
  const { read, doubted } = setUp({ isAudited: false });
  doubted.add("liar");
  expect(read("liar", 20_000)).toBe(20_000);
});

it("reads a sample of a doubted node, and counts the rest", async () => {
  const { read, pass, unread, doubted } = setUp();
  doubted.add("liar");
  expect(read("liar", 20_000)).toBe(500);
  expect(read("honest", 20_000)).toBe(20_000);
  pass(100);
  expect(read("liar", 20_000)).toBe(50);
  expect(await unread()).toEqual([["liar", "surplus", 2 * 20_000 - 550]]);
});

it("reads everything again as soon as a node is believed, or the other one is gone", () => {
  const { read, pass, doubted, live } = setUp();
  doubted.add("liar");
  expect(read("liar", 1_000)).toBe(500);
  doubted.delete("liar");
  pass(100);
  expect(read("liar", 20_000)).toBe(20_000);
  doubted.add("liar");
  pass(100);
  expect(read("liar", 20_000)).toBeLessThan(1_000);
  live.delete("honest");
  pass(100);
  expect(read("liar", 20_000)).toBe(20_000);
});

it.each([
  ["a slot", notification("slotNotification")],
  ["an acknowledgement", '{"jsonrpc":"2.0","result":7,"id":"1"}'],
  [
    "several messages in one frame",
    `[${notification("logsNotification")},${notification("slotNotification")}]`,
  ],
  ["a method that is named late", `{"params":{"x":"${"x".repeat(100)}"},"method":"logsNotification"}`],
  ["a text", "ping"],
  ["nothing", ""],
])("reads %s whatever is thought of the node", (_, text) => {
  const { read, doubted } = setUp();
  doubted.add("liar");
  read("liar", 1_000);
  expect(read("liar", 100, Buffer.from(text))).toBe(100);
  // Where it stands in the memory that it shares with others makes no difference.
  const shared = Buffer.concat([LOGS, Buffer.from(text)]);
  expect(read("liar", 100, shared.subarray(LOGS.length))).toBe(100);
});
