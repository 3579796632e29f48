import { createLocalnet, type Localnet, type OracleTransaction } from "@commcoin/localnet";
import { createLogger } from "@commcoin/service/telemetry";
import { expect } from "vitest";
import { createCommcoinMarket, type CommcoinMarket } from "../commcoin-market.ts";
import { until } from "../expect-complete.ts";
import { startListener, type RunningListener } from "../start-listener.ts";
import { expectChain, expectLiveOrder, publishedSoFar, relevant } from "./chain-comparison.ts";
import type { FaultCase, Readiness, Scene } from "./fault-case.ts";
import { watchReadiness, type ReadinessWatch } from "./readiness-watch.ts";
import { statusClaims, summary, tellsNoTrouble } from "./status-claims.ts";
import { watchStatus, type StatusWatch } from "./status-watch.ts";

/** What an operator saw of one fault. */
export interface FaultReport {
  readonly fault: string;
  readonly metric: string;
  readonly moved: number;
  readonly readiness: string;
  readonly status: string;
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
  let statuses: StatusWatch | null = null;
  const { endpoints } = localnet;
  try {
    running = await startListener(
      {
        SOLANA_RPC_URL: endpoints
          .slice(fault.apart ? 1 : 0)
          .map(({ httpUrl }) => httpUrl)
          .join(","),
        SOLANA_WS_URL: endpoints
          .slice(0, fault.apart ? 1 : 2)
          .map(({ wsUrl }) => wsUrl)
          .join(","),
        ...FAST,
        ...fault.env,
      },
      {
        logger: createLogger({
          name: "listener",
          level: "info",
          destination: { write: (line: string) => void lines.push(line) },
        }),
        ...(fault.silentMs === undefined ? {} : { silentMs: fault.silentMs }),
      },
    );
    watch = watchReadiness(running);
    statuses = watchStatus(running);
    return await happen(fault, { localnet, clock, running, watch, statuses, lines });
  } finally {
    watch?.stop();
    statuses?.stop();
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
  readonly statuses: StatusWatch;
  readonly lines: readonly string[];
}

async function happen(
  fault: FaultCase,
  { localnet, clock, running, watch, statuses, lines }: Stage,
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

  const missing = async (): Promise<readonly OracleTransaction[]> => {
    const { signatures, coins } = await publishedSoFar(broker);
    return relevant(localnet, followCoins ? coins : new Set()).filter(
      ({ signature, outcome }) => outcome !== "dropped" && !signatures.has(signature),
    );
  };
  const allPublished = (): Promise<void> =>
    until(async () => expect((await missing()).map(({ signature }) => signature)).toEqual([]));
  /** A slot that is said to be proven has nothing that is still to come. */
  const expectProven = async (): Promise<void> => {
    const { watermark } = running.listener.status();
    const slots = (await missing()).map(({ slot }) => slot);
    expect(watermark ?? 0).toBeLessThan(Math.min(Infinity, ...slots));
  };

  await until(() => expect(watch.isReady()).toBe(true));
  await scene.play(SLOTS.before);
  await allPublished();
  const before = await running.metric(name, labels);
  const firedBefore = fired(scene);
  watch.forget();
  statuses.forget();

  await fault.begin(scene);
  const struck = async (): Promise<boolean> => fault.struck?.(scene) ?? fired(scene) > firedBefore;
  const isTold = (): boolean => statusClaims[fault.status](statuses.told());
  for (let slot = 0; ; slot += 1) {
    await scene.play(1);
    await expectProven();
    if (slot + 1 >= SLOTS.during && (await struck()) && isShown(fault.readiness, watch) && isTold()) break;
    if (slot > MAX_SLOTS_DURING) {
      const text = `${JSON.stringify(watch.failures())}, ${fault.status}: ${summary(statuses.told())}`;
      throw new Error(`${fault.name}: ${text}`);
    }
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
  const audits = fault.env?.["TRANSACTION_LISTENER_AUDIT_INTERVAL"] !== "0";
  await until(() => expect(tellsNoTrouble(running.listener.status(), audits)).toBe(true));
  if (fault.readiness === "ready") expect(watch.failures()).toEqual({});
  const moved = Math.max(during, await running.metric(name, labels)) - before;
  if (fault.logs !== undefined) expect(lines.join("")).toContain(fault.logs);
  return {
    fault: fault.name,
    metric: labels === "" ? name : `${name}{${labels}}`,
    moved,
    status: fault.status,
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
