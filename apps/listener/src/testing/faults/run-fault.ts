import { createLocalnet, type Localnet } from "@commcoin/localnet";
import { createLogger } from "@commcoin/service/telemetry";
import { expect } from "vitest";
import { createCommcoinMarket, type CommcoinMarket } from "../commcoin-market.ts";
import { until } from "../expect-complete.ts";
import { startListener, type RunningListener } from "../start-listener.ts";
import { expectChain, expectLiveOrder, publishedSoFar, relevant } from "./chain-comparison.ts";
import type { FaultCase, Readiness, Scene } from "./fault-case.ts";
import { watchReadiness, type ReadinessWatch } from "./readiness-watch.ts";

/** What an operator saw of one fault. */
export interface FaultReport {
  readonly fault: string;
  readonly metric: string;
  readonly moved: number;
  readonly readiness: string;
  /** From the end of the fault until the last event was published that was missing, and until `/readyz` was 200. */
  readonly recoveredMs: number;
  readonly readyMs: number;
}

const SLOT_MS = 50;
/** Final after half a second, so that tests see ends. */
const FINALITY_SLOTS = 12;
const RETAINED_SLOTS = 20_000;
const STEPS_PER_SLOT = 3;
/** Slots with trades before, at least during, and after a fault. */
const SLOTS = { before: 4, during: 5, after: 4 };
const MAX_SLOTS_DURING = 400;
const FAST = { TRANSACTION_LISTENER_AUDIT_INTERVAL: "1" };

/** Starts a chain and a listener, lets one fault happen to them, and checks everything that can be seen of it. */
export async function runFault(fault: FaultCase): Promise<FaultReport> {
  const localnet = await createLocalnet({
    slotMs: null,
    finalitySlots: FINALITY_SLOTS,
    retainedSlots: RETAINED_SLOTS,
    faultSeed: fault.name,
    endpoints: fault.nodes ?? 1,
  });
  const clock = startClock(localnet);
  const lines: string[] = [];
  let running: RunningListener | null = null;
  let watch: ReadinessWatch | null = null;
  try {
    running = await startListener(
      {
        SOLANA_RPC_URL: localnet.endpoints.map(({ httpUrl }) => httpUrl).join(","),
        SOLANA_WS_URL: localnet.endpoints.map(({ wsUrl }) => wsUrl).join(","),
        ...FAST,
        ...fault.env,
      },
      {
        logger: createLogger({
          name: "listener",
          level: "info",
          destination: { write: (line: string) => void lines.push(line) },
        }),
      },
    );
    watch = watchReadiness(running);
    return await happen(fault, { localnet, clock, running, watch, lines });
  } finally {
    watch?.stop();
    await running?.listener.stop();
    clock.stop();
    await localnet.stop();
  }
}

interface Stage {
  readonly localnet: Localnet;
  readonly clock: Clock;
  readonly running: RunningListener;
  readonly watch: ReadinessWatch;
  readonly lines: readonly string[];
}

async function happen(
  fault: FaultCase,
  { localnet, clock, running, watch, lines }: Stage,
): Promise<FaultReport> {
  const [first, ...others] = localnet.endpoints;
  if (first === undefined) throw new Error("There is no node.");
  const { broker } = running;
  const { name, labels = "" } = fault.metric;
  const market = createCommcoinMarket(localnet, fault.name);
  const scene: Scene = {
    localnet,
    nodes: [first, ...others],
    running,
    play: (slots) => play(market, localnet, clock, slots),
  };
  const followCoins = fault.env?.["TRANSACTION_LISTENER_TOKENS"] !== "off";

  const missing = async (): Promise<readonly string[]> => {
    const { signatures, coins } = await publishedSoFar(broker);
    return relevant(localnet, followCoins ? coins : new Set())
      .filter(({ signature, outcome }) => outcome !== "dropped" && !signatures.has(signature))
      .map(({ signature }) => signature);
  };
  const allPublished = (): Promise<void> => until(async () => expect(await missing()).toEqual([]));

  await until(() => expect(watch.isReady()).toBe(true));
  await scene.play(SLOTS.before);
  await allPublished();
  const before = await running.metric(name, labels);
  const firedBefore = fired(scene);
  watch.forget();

  await fault.begin(scene);
  const struck = async (): Promise<boolean> => fault.struck?.(scene) ?? fired(scene) > firedBefore;
  for (let slot = 0; ; slot += 1) {
    await scene.play(1);
    if (slot + 1 >= SLOTS.during && (await struck()) && isShown(fault.readiness, watch)) break;
    if (slot > MAX_SLOTS_DURING) throw new Error(`${fault.name}: ${JSON.stringify(watch.failures())}`);
  }
  const during = await running.metric(name, labels);
  const endedAt = performance.now();
  await (fault.end === undefined
    ? localnet.endpoints.forEach(({ faults }) => faults.clear())
    : fault.end(scene));
  await allPublished();
  const recoveredMs = performance.now() - endedAt;
  await until(() => expect(watch.isReady()).toBe(true));
  const readyMs = Math.max(0, watch.readySince() - endedAt);

  await scene.play(SLOTS.after);
  await until(() => expectChain(localnet, broker, followCoins));
  await expectLiveOrder(localnet, broker);
  if (fault.readiness === "ready") expect(watch.failures()).toEqual({});
  const moved = Math.max(during, await running.metric(name, labels)) - before;
  if (fault.logs !== undefined) expect(lines.join("")).toContain(fault.logs);
  return {
    fault: fault.name,
    metric: labels === "" ? name : `${name}{${labels}}`,
    moved,
    readiness: Object.keys(watch.failures()).join(", ") || "ready",
    recoveredMs,
    readyMs,
  };
}

/** Makes slots, except while it is held. */
interface Clock {
  held: boolean;
  stop(): void;
}

function startClock(localnet: Localnet): Clock {
  const timer = setInterval(() => {
    if (!clock.held) localnet.advance();
  }, SLOT_MS);
  const clock: Clock = { held: false, stop: () => clearInterval(timer) };
  return clock;
}

/** Trades for so many slots, several in each, however slow the machine is. */
async function play(market: CommcoinMarket, localnet: Localnet, clock: Clock, slots: number): Promise<void> {
  for (let left = slots; left > 0; left -= 1) {
    const slot = localnet.ledger.openSlot();
    clock.held = true;
    await market.play(STEPS_PER_SLOT);
    clock.held = false;
    await until(() => expect(localnet.ledger.openSlot()).toBeGreaterThan(slot));
  }
}

const fired = ({ nodes }: Scene): number =>
  nodes.flatMap(({ faults }) => Object.values(faults.state().fired)).reduce((sum, count) => sum + count, 0);

const isShown = (readiness: Readiness, watch: ReadinessWatch): boolean =>
  typeof readiness === "string" || readiness.says.test(watch.failures()[readiness.check] ?? "");
