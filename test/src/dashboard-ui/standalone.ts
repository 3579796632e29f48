import { createLocalnet } from "@commcoin/localnet";
import { freePort } from "../support/free-port.ts";
import { killAll, startProcess } from "../support/service-process.ts";
import { buildDashboard } from "./build.ts";
import { TOKEN } from "./dashboard-page.ts";

export interface Standalone {
  /** Of the dashboard. */
  readonly address: string;
  readonly adminPort: number;
  readonly gatewayUrl: string;
  /** Resolves once it is ready. */
  start(): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** All services in one process, with the pages built, on ports that stay the same; started. */
export async function startStandalone({ market }: { readonly market: boolean }): Promise<Standalone> {
  await buildDashboard();
  const localnet = market
    ? await createLocalnet({ httpPort: 0, wsPort: 0, slotMs: 100, market: { transactionsPerSecond: 20 } })
    : null;
  const adminPort = await freePort();
  const gatewayPort = await freePort();
  const env = {
    MESSAGE_BROKER_ENABLED: "false",
    SERVER_ID: "server-1",
    ADMIN_TOKEN: TOKEN,
    WEBSOCKET_PORT: String(gatewayPort),
    ADMIN_PORT: String(adminPort),
    LISTENER_PORT: "0",
    ...(localnet === null
      ? { TRANSACTION_LISTENER_ENABLED: "false" }
      : { SOLANA_RPC_URL: localnet.httpUrl, SOLANA_WS_URL: localnet.wsUrl }),
  };
  const start = async (): Promise<void> => {
    const service = startProcess("apps/standalone/src/main.ts", env);
    await service.says(({ module, port }) => module === "websocket" && typeof port === "number");
    await service.says(({ module, port }) => module === "admin" && typeof port === "number");
  };
  await start();
  return {
    address: `http://localhost:${adminPort}`,
    adminPort,
    gatewayUrl: `ws://localhost:${gatewayPort}/ws`,
    start,
    kill: killAll,
    async stop() {
      await killAll();
      await localnet?.stop();
    },
  };
}
