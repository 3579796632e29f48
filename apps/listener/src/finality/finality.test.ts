import { createMetricsRegistry, silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { expect, it, onTestFinished } from "vitest";
import { createListenerMetrics } from "../metrics/listener-metrics.ts";
import { createNodeRpc } from "../rpc/node-rpc.ts";
import { MAX_ASKED } from "./ask-outcomes.ts";
import { createFinality } from "./finality.ts";

/** Blocks of these slots are not on the node, and it cannot tell what was in them. */
const HOLE = { from: 100, to: 200 };

/** Finality on a node with a hole, up to a final slot that the test moves. */
function setUp(published = (acknowledged: () => void): void => acknowledged()) {
  const chain = { head: 300, statuses: (): readonly unknown[] => [] };
  const concluded: string[] = [];
  const node = createNodeRpc(<Response>({ payload }: { payload: unknown }) => {
    const { method, params } = payload as { method: string; params: readonly [number, number] };
    const [from, to] = params;
    const slots = (): readonly number[] =>
      Array.from({ length: Math.max(0, Math.min(to, chain.head) - from + 1) }, (_, n) => from + n);
    const answers: Record<string, () => unknown> = {
      getBlocks: () => slots().filter((slot) => slot < HOLE.from || slot > HOLE.to),
      getBlock: () => ({ parentSlot: from - 1 }),
      getSignatureStatuses: () => ({ value: chain.statuses() }),
    };
    return Promise.resolve({ jsonrpc: "2.0", id: "1", result: answers[method]?.() } as Response);
  });
  const metrics = createListenerMetrics(createMetricsRegistry("listener"));
  const finality = createFinality({
    rpc: node,
    nodes: [node],
    intervalMs: 1,
    onDrop: () => Promise.resolve(),
    conclude: ({ transaction, origin }, ending) => {
      concluded.push(`${transaction.signature} ${ending}${origin === null ? ", counted" : ""}`);
      return [];
    },
    publisher: {
      push: ({ acknowledged }) => {
        published(acknowledged);
        return Promise.resolve();
      },
    },
    log: silentLogger,
    throttledLog: { warn: () => {} },
    metrics,
  });
  const stop = new AbortController();
  const running = finality.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  const confirm = (signature: string, slot: number): void =>
    finality.confirmed({ signature, slot, error: null, creates: [], trades: [] } as never, "live");
  const count = (signature: string, slot: number): void =>
    finality.counted({ signature, slot, blockTime: null, creates: [], trades: [] });
  const total = async (outcome: string): Promise<number> => {
    const { values } = await metrics.concluded.get();
    return values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0;
  };
  const unknown = (): Promise<number> => total("unknown");
  return { chain, confirm, count, concluded, finality, unknown, total };
}

it("what no node can prove holds up later transactions only until finality is far past it", async () => {
  const { chain, confirm, concluded, finality, unknown } = setUp();
  const hidden = 2 * MAX_ASKED + 1;
  for (let n = 0; n < hidden; n += 1) confirm(`hidden ${n}`, HOLE.from + (n % 3));
  confirm("seen", 250);
  await eventually(() => expect(concluded).toEqual(["seen finalized"]));
  expect([finality.oldestOpen, finality.size, await unknown()]).toEqual([HOLE.from, hidden, 0]);
  chain.head = 30_000;
  confirm("late", 29_000);
  await eventually(() => expect(concluded).toEqual(["seen finalized", "late finalized"]));
  expect([finality.oldestOpen, finality.size, await unknown()]).toEqual([null, 0, hidden]);
});

it("what is only counted keeps its slot open, and is concluded as told once it is told", async () => {
  const { chain, confirm, count, concluded, finality, total } = setUp();
  count("counted", 310);
  count("told later", 310);
  expect([finality.oldestOpen, finality.size]).toEqual([310, 2]);
  confirm("told later", 320);
  count("told later", 305);
  expect([finality.oldestOpen, finality.size]).toEqual([310, 2]);
  chain.head = 400;
  await eventually(() => expect(concluded).toEqual(["counted finalized, counted", "told later finalized"]));
  expect([finality.oldestOpen, finality.size, await total("finalized")]).toEqual([null, 0, 1]);
});

it("what is told while nodes are asked about it as counted has its end told", async () => {
  const { chain, confirm, count, concluded, finality } = setUp();
  chain.statuses = () => {
    confirm("late", 150);
    return [{ confirmationStatus: "finalized", slot: 250, err: null }];
  };
  count("late", 150);
  await eventually(() => expect(concluded).toEqual(["late relanded"]));
  expect([finality.oldestOpen, finality.size]).toEqual([null, 0]);
});

it("thousands of ends of one slot leave room for what is announced meanwhile", async () => {
  const held: (() => void)[] = [];
  const turns: number[] = [];
  const { chain, confirm, concluded } = setUp((acknowledged) => {
    held.push(acknowledged);
    if (concluded.length % 20 === 1) setImmediate(() => turns.push(concluded.length));
  });
  const many = 1_000;
  for (let n = 0; n < many; n += 1) confirm(`${n}`, 310);
  chain.head = 400;
  await eventually(() => expect(held).toHaveLength(100));
  expect(turns.length).toBeGreaterThan(3);
  expect(turns.map((length, n) => length - (turns[n - 1] ?? 0)).every((step) => step <= 20)).toBe(true);
  for (const acknowledged of held.splice(0)) acknowledged();
  await eventually(() => expect(held).toHaveLength(100));
  expect(concluded).toHaveLength(200);
});
