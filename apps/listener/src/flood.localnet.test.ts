import { createLocalnet, type Endpoint, type FaultSettings } from "@commcoin/localnet";
import { createLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createCommcoinMarket } from "./testing/commcoin-market.ts";
import { expectComplete, ofType } from "./testing/expect-complete.ts";
import { keepingBroker, startListener } from "./testing/start-listener.ts";

vi.setConfig({ testTimeout: 60_000 });

const SLOT_MS = 100;
/** As large as it takes to overwhelm what asks for one after the other, and small enough for a busy machine. */
const FLOOD = { notifications: 500, intervalMs: 50 };
const FLOOD_MS = 4_000;
const DOZENS = 60;
/** The chain, its nodes and the listener share one thread here. What nobody knows is asked for over 4.7 s. */
const MAX_MEDIAN_MS = 2_000;

async function start(endpoints: 1 | 2) {
  const localnet = await createLocalnet({ slotMs: SLOT_MS, endpoints });
  onTestFinished(() => localnet.stop());
  const lines: string[] = [];
  const logger = createLogger({
    name: "listener",
    level: "info",
    destination: { write: (line: string) => void lines.push(line) },
  });
  const broker = keepingBroker();
  const running = await startListener(
    {
      SOLANA_RPC_URL: localnet.endpoints.map(({ httpUrl }) => httpUrl).join(","),
      SOLANA_WS_URL: localnet.endpoints.map(({ wsUrl }) => wsUrl).join(","),
    },
    { broker, logger },
  );
  onTestFinished(() => running.listener.stop());
  await eventually(async () => expect(await running.ready()).toMatchObject({ status: 200 }));
  /** From when a transaction was confirmed until it was told, in milliseconds. */
  const delays: number[] = [];
  const confirmedAt = new Map<string, number>();
  localnet.ledger.subscribe((event) => {
    if (event.type !== "confirmed") return;
    for (const { executed } of event.block.transactions)
      confirmedAt.set(executed.signature, performance.now());
  });
  const listening = await broker.subscribe("transactions", ({ frame }) => {
    const { id } = JSON.parse(Buffer.from(frame).toString()) as { id: string };
    const [signature = "", status] = id.split(":");
    const at = confirmedAt.get(signature);
    if (at !== undefined && status !== "finalized") delays.push(performance.now() - at);
  });
  onTestFinished(() => listening.unsubscribe());
  const stream = ({ wsUrl }: Endpoint) =>
    running.listener
      .status()
      .sources.find(({ name }) => name === "program")
      ?.streams.find(({ endpoint }) => endpoint === wsUrl);
  return {
    localnet,
    broker,
    lines,
    running,
    delays,
    stream,
    market: createCommcoinMarket(localnet, "flood"),
  };
}

/** Plays a market for as long as a flood lasts. */
async function during(
  { localnet, market, running }: Awaited<ReturnType<typeof start>>,
  flood: FaultSettings["flood"],
): Promise<{ readonly slotAgeMs: number }> {
  const [liar] = localnet.endpoints as readonly [Endpoint, ...Endpoint[]];
  liar.faults.set({ flood });
  let oldest = 0;
  const endsAt = performance.now() + FLOOD_MS;
  while (performance.now() < endsAt) {
    await market.play(2);
    await new Promise((resolve) => setTimeout(resolve, SLOT_MS));
    const ages = running.listener
      .status()
      .sources.flatMap(({ streams }) => streams.map(({ slot_age_ms: age }) => age ?? Infinity));
    oldest = Math.max(oldest, Math.min(...ages));
  }
  liar.faults.clear();
  return { slotAgeMs: oldest };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Infinity;

describe("a flood of signatures that no node knows", () => {
  it("holds nothing up that an honest node brings, and costs the liar its credit", async () => {
    const scene = await start(2);
    const { localnet, broker, lines, running, delays, stream, market } = scene;
    const [liar, honest] = localnet.endpoints as readonly [Endpoint, Endpoint];
    const flooded = during(scene, FLOOD);
    await eventually(() => expect(stream(liar)?.doubted).toBe(true), FLOOD_MS);
    expect(await running.metric("node_doubted", `endpoint="${liar.wsUrl}"`)).toBe(1);
    const { slotAgeMs } = await flooded;
    expect(slotAgeMs).toBeLessThan(2_000);
    await expectComplete(localnet, broker, 5_000);
    expect(median(delays)).toBeLessThan(MAX_MEDIAN_MS);
    expect(stream(honest)).toMatchObject({ doubted: false, left: 0, missed: 0 });
    expect(stream(liar)?.left).toBeGreaterThan(1_000);
    expect(await running.metric("left_total", `endpoint="${liar.wsUrl}"`)).toBeGreaterThan(1_000);
    const surplus = `endpoint="${liar.wsUrl}",kind="surplus"`;
    expect(await running.metric("node_faults_total", surplus)).toBeGreaterThan(1_000);
    expect(lines.length).toBeLessThan(DOZENS);
    expect(lines.filter((line) => line.includes("that no node knows"))).not.toEqual([]);
    // Over within seconds: what it announces is believed again.
    await market.play(60);
    const frames = ofType(await expectComplete(localnet, broker, 5_000), "TransactionUpdate");
    expect(new Set(frames.map(({ id }) => id)).size).toBe(frames.length);
    await eventually(() => expect(running.listener.status().queues.signatures).toBe(0), 5_000);
    await eventually(() => expect(stream(liar)?.doubted).toBe(false), 8_000);
  });

  it.each([
    ["on one subscription only", { most: 1 }],
    ["of real ones again and again", { signatures: "known" }],
    ["of what is no signature", { signatures: "malformed" }],
  ] as const)("loses nothing %s", async (_, flood) => {
    const scene = await start(2);
    await during(scene, { ...FLOOD, ...flood });
    await scene.market.play(10);
    await expectComplete(scene.localnet, scene.broker, 8_000);
    expect(scene.lines.length).toBeLessThan(DOZENS);
  });

  it("loses nothing where there is no other node, and is over seconds after it ended", async () => {
    const scene = await start(1);
    const { localnet, broker, lines, market, running } = scene;
    const { slotAgeMs } = await during(scene, FLOOD);
    await market.play(10);
    await expectComplete(localnet, broker, 12_000);
    expect(slotAgeMs).toBeLessThan(5_000);
    expect(lines.length).toBeLessThan(DOZENS);
    await eventually(async () => expect(await running.ready()).toMatchObject({ status: 200 }), 5_000);
  });
});
