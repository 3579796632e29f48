import type { Broker } from "@commcoin/broker";
import { createLocalnet, type Localnet, type LocalnetOptions } from "@commcoin/localnet";
import { expect, onTestFinished } from "vitest";
import { until } from "./expect-complete.ts";
import { keepingBroker, startListener, type RunningListener } from "./start-listener.ts";

export const SLOT_MS = 50;

type Env = Readonly<Record<string, string>>;

/** A local network until the test ends. */
export async function startNode(options: LocalnetOptions = {}): Promise<Localnet> {
  const localnet = await createLocalnet({ slotMs: SLOT_MS, ...options });
  onTestFinished(() => localnet.stop());
  return localnet;
}

/** A listener to all nodes of a local network until the test ends; it may not be ready yet. */
export async function listenTo(
  localnet: Localnet,
  env: Env = {},
  broker: Broker = keepingBroker(),
): Promise<RunningListener> {
  const urls = {
    SOLANA_RPC_URL: localnet.endpoints.map(({ httpUrl }) => httpUrl).join(),
    SOLANA_WS_URL: localnet.endpoints.map(({ wsUrl }) => wsUrl).join(),
  };
  const running = await startListener({ ...urls, ...env }, { broker });
  onTestFinished(() => running.listener.stop());
  return running;
}

/** The same when it is ready, with an audit each second. */
export async function listenReady(localnet: Localnet, env?: Env, broker?: Broker): Promise<RunningListener> {
  const running = await listenTo(localnet, { TRANSACTION_LISTENER_AUDIT_INTERVAL: "1", ...env }, broker);
  await until(async () => expect(await running.ready()).toMatchObject({ status: 200 }));
  return running;
}
