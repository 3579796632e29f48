import { createMemoryBroker, createRetentionPolicy, type Broker } from "@commcoin/broker";
import { loadConfig } from "@commcoin/service/config";
import { silentLogger, type Logger } from "@commcoin/service/telemetry";
import { createListener, listenerConfig, type Listener } from "../index.ts";

export interface RunningListener {
  readonly listener: Listener;
  readonly broker: Broker;
  /** Answers of the health server. */
  ready(): Promise<{ readonly status: number; readonly body: unknown }>;
  /** The value of a metric, summed over the label sets that hold this text. */
  metric(name: string, labels?: string): Promise<number>;
}

/** A listener on a memory broker that keeps everything. */
export async function startListener(
  env: Readonly<Record<string, string>>,
  {
    broker = keepingBroker(),
    logger = silentLogger,
    ...options
  }: { broker?: Broker; logger?: Logger; largeGap?: number; silentMs?: number } = {},
): Promise<RunningListener> {
  const config = loadConfig(listenerConfig, { LISTENER_PORT: "0", ...env });
  const listener = createListener({ config, broker, logger, ...options });
  await broker.start();
  await listener.start();
  const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${listener.port}${path}`);
  return {
    listener,
    broker,
    async ready() {
      const response = await get("/readyz");
      return { status: response.status, body: await response.json() };
    },
    async metric(name, labels = "") {
      const text = await (await get("/metrics")).text();
      return text
        .split("\n")
        .filter(
          (line) => /^[{ ]/.test(line.replace(`commcoin_listener_${name}`, "")) && line.includes(labels),
        )
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
    },
  };
}

const MINUTE_MS = 60_000;
const keepAll = (topic: string) => ({
  ...createRetentionPolicy()(topic),
  maxMessages: 100_000,
  maxAgeMs: 60 * MINUTE_MS,
});

/** A memory broker that forgets nothing while a test runs. */
export const keepingBroker = (): Broker => createMemoryBroker({ retention: keepAll });
