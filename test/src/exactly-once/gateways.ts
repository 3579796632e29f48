import { startService, type RunningService } from "../support/start-service.ts";

/** The gateways of a cell: real processes. */
export interface Gateways {
  /** Of those that are running. */
  ports(): readonly number[];
  start(): Promise<void>;
  /** Ends the oldest as a crash would. */
  kill(): Promise<void>;
  /** Asks the oldest to stop; resolves with its exit code once it has. */
  drain(): { readonly port: number; readonly exit: Promise<number | null> };
  /** Sum of a metric over those that are running, of the samples whose labels contain the text. */
  metric(name: string, labels?: string): Promise<number>;
  stop(): Promise<void>;
}

export interface GatewaysOptions {
  readonly redisUrl: string;
  readonly drainSeconds: number;
}

export function createGateways({ redisUrl, drainSeconds }: GatewaysOptions): Gateways {
  let running: readonly RunningService[] = [];
  let started = 0;
  const takeOldest = (): RunningService => {
    const [oldest, ...rest] = running;
    if (oldest === undefined) throw new Error("No gateway is running.");
    running = rest;
    return oldest;
  };
  return {
    ports: () => running.map(({ port }) => port),
    async start() {
      started += 1;
      const gateway = await startService("gateway", {
        SERVER_ID: `gateway-${started}`,
        REDIS_URL: redisUrl,
        LOG_LEVEL: "warn",
        RUST_LOG: "warn,websocket=info",
        SHUTDOWN_DRAIN_SECONDS: String(drainSeconds),
      });
      running = [...running, gateway];
    },
    async kill() {
      const { process } = takeOldest();
      process.kill("SIGKILL");
      await process.exit;
    },
    drain() {
      const { process, port } = takeOldest();
      process.kill("SIGTERM");
      return { port, exit: process.exit.then(({ code }) => code) };
    },
    async metric(name, labels = "") {
      const pages = await Promise.all(
        running.map(async ({ port }) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()),
      );
      return pages
        .flatMap((page) => page.split("\n"))
        .filter((line) => line.startsWith(name) && line.includes(labels))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
    },
    async stop() {
      const left = running;
      running = [];
      for (const { process } of left) process.kill("SIGKILL");
      await Promise.all(left.map(({ process }) => process.exit));
    },
  };
}
