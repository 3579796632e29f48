import { sampleMemory } from "../harness/memory-samples.ts";
import type { Bench, Verdict } from "../harness/report.ts";
import { withScope } from "../harness/scope.ts";
import { startFollowers, startGateway, startPublisher, startRedis } from "../harness/stage.ts";

/** Kept for long enough that everybody can resume. */
const TOPIC = "transactions";
const FROZEN = 1_000;
const HEALTHY = 200;
/** About what a transaction with its instructions takes. */
const PADDING_BYTES = 4_000;
const FRAMES_PER_SECOND = 50;
const BURSTS = 10;
/** The default of `WEBSOCKET_MAX_BACKPRESSURE_BYTES`. */
const LIMIT_BYTES = 1_048_576;
/** Of the gateway's own and of the kernel's buffers until the last frozen client is given up. */
const CLOSE_TIMEOUT_MS = 180_000;
const TIMEOUT_MS = 120_000;
const MEBIBYTE = 1_048_576;

const mebibytes = (bytes: number): string => `${Math.round(bytes / MEBIBYTE)} MiB`;

/** Clients stop reading under full load, are given up one by one, and come back from where they were. */
export const frozenClients: Bench = ({ quick, connections }) =>
  withScope(async (scope) => {
    const frozenCount = connections ?? (quick ? 3 : FROZEN);
    const healthyCount = quick ? 3 : HEALTHY;
    const redis = await startRedis(scope);
    const gateway = await startGateway(scope, redis);
    const publisher = await startPublisher(scope, redis);
    // A process each: those that are healthy must not wait for the others.
    const [healthy, frozen] = [await startFollowers(scope), await startFollowers(scope)];
    const healthyGroup = await healthy.call("open", gateway.port, TOPIC, healthyCount);
    const frozenGroup = await frozen.call("open", gateway.port, TOPIC, frozenCount);
    const second = {
      topic: TOPIC,
      bursts: BURSTS,
      framesPerBurst: (quick ? 40 : 1) * (FRAMES_PER_SECOND / BURSTS),
      intervalMs: 1_000 / BURSTS,
      paddingBytes: PADDING_BYTES,
    };
    await publisher.call("publish", second);

    const memory = await sampleMemory(gateway);
    await frozen.call("freeze", frozenGroup);
    const startedAt = performance.now();
    while ((await gateway.worker.call("connections")) > healthyCount) {
      if (performance.now() - startedAt > CLOSE_TIMEOUT_MS)
        throw new Error("Frozen clients were not given up.");
      await publisher.call("publish", second);
    }
    const closedAfter = (performance.now() - startedAt) / 1_000;
    const peak = await memory.stop();

    const thawedAt = performance.now();
    const ends = await frozen.call("thaw", frozenGroup);
    await frozen.call("resume", frozenGroup);
    await publisher.call("publish", second);
    const { offset } = await publisher.call("position", TOPIC);
    await healthy.call("waitFor", healthyGroup, offset, TIMEOUT_MS);
    await frozen.call("waitFor", frozenGroup, offset, TIMEOUT_MS);
    const resumedAfter = (performance.now() - thawedAt) / 1_000;
    const [ofHealthy, ofFrozen] = [
      await healthy.call("counts", healthyGroup),
      await frozen.call("counts", frozenGroup),
    ];
    const bound = frozenCount * LIMIT_BYTES;
    const nothingLost = (
      who: string,
      count: number,
      { open, missed, repeated }: typeof ofHealthy,
    ): Verdict => ({
      what: `${who}: messages missed / twice / clients lost`,
      budget: "0 / 0 / 0",
      measured: `${missed} / ${repeated} / ${count - open}`,
      kept: missed + repeated + count - open === 0,
      exact: true,
    });
    return {
      verdicts: [
        {
          what: `${frozenCount} clients stop reading: bytes that wait for them in the gateway, at most`,
          budget: `≤ ${mebibytes(bound)} (clients × limit)`,
          measured: mebibytes(peak.waitingBytes),
          kept: peak.waitingBytes <= bound,
        },
        {
          what: "memory of the gateway meanwhile, over before",
          budget: `≤ ${mebibytes(bound)}`,
          measured: mebibytes(peak.rssGrowthBytes),
          kept: peak.rssGrowthBytes <= bound,
        },
        nothingLost(`${healthyCount} healthy clients meanwhile`, healthyCount, ofHealthy),
        nothingLost("frozen clients after they resumed", frozenCount, ofFrozen),
      ],
      tables: [
        {
          title: "From the moment they stopped reading, until the last one was given up",
          columns: ["seconds", "frames published", "waiting in the gateway, MiB", "RSS, MiB", "connections"],
          rows: memory.samples.map((sample) => [
            sample.seconds,
            sample.frames,
            sample.waitingBytes / MEBIBYTE,
            sample.rssBytes / MEBIBYTE,
            sample.connections,
          ]),
        },
      ],
      notes: [
        `The last one was given up after ${closedAfter.toFixed(1)} s. How their connections ended, as they saw it: ` +
          `${Object.entries(ends)
            .map(([end, count]) => `${count} × ${end}`)
            .join(", ")}.`,
        `All of them were where the topic is ${resumedAfter.toFixed(1)} s after they began to read again.`,
        "The kernel's buffers come first, and are not in these figures.",
      ],
    };
  });
