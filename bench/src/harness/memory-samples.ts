import type { GatewayCommands } from "../workers/gateway.ts";
import type { Served } from "./stage.ts";

/** Samples at most; with more, every second one is given up and they are taken half as often. */
const MAX_SAMPLES = 20;
const FIRST_INTERVAL_MS = 500;

export interface MemorySample {
  readonly seconds: number;
  /** Frames that the gateway published since it began. */
  readonly frames: number;
  readonly waitingBytes: number;
  readonly rssBytes: number;
  readonly connections: number;
}

export interface MemorySampling {
  readonly samples: readonly MemorySample[];
  /** Ends it, with one more look. @returns the highest values. */
  stop(): Promise<{ readonly waitingBytes: number; readonly rssGrowthBytes: number }>;
}

/** Looks again and again at what a gateway holds, from now on. */
export async function sampleMemory({ port, worker }: Served<GatewayCommands>): Promise<MemorySampling> {
  const metric = (text: string, name: string): number =>
    Number(new RegExp(`^commcoin_gateway_${name}\\{[^}]*\\} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
  const startedAt = performance.now();
  const { rssBytes: rssBefore } = await worker.usage();
  const samples: MemorySample[] = [];
  let highest = { waitingBytes: 0, rssGrowthBytes: 0 };
  let interval = FIRST_INTERVAL_MS;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const look = async (): Promise<void> => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const { rssBytes } = await worker.usage();
    const sample = {
      seconds: (performance.now() - startedAt) / 1_000,
      frames: metric(text, "published_frames_total"),
      waitingBytes: metric(text, "waiting_bytes"),
      rssBytes,
      connections: metric(text, "connections"),
    };
    samples.push(sample);
    highest = {
      waitingBytes: Math.max(highest.waitingBytes, sample.waitingBytes),
      rssGrowthBytes: Math.max(highest.rssGrowthBytes, rssBytes - rssBefore),
    };
    if (samples.length < MAX_SAMPLES) return;
    samples.splice(0, samples.length, ...samples.filter((_, index) => index % 2 === 0));
    interval *= 2;
  };
  const schedule = (): void => {
    timer = setTimeout(() => {
      running = look().then(schedule);
    }, interval);
  };
  await look();
  schedule();
  return {
    samples,
    async stop() {
      await running;
      clearTimeout(timer);
      await look();
      return highest;
    },
  };
}
