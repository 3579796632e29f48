import type { Server } from "node:http";
import type { Chain } from "../chain.ts";
import { createControl } from "../faults/control.ts";
import { type CloseCode, createConnections } from "../faults/connection-faults.ts";
import { attachFlood } from "../faults/flood.ts";
import { createInterceptor } from "../faults/http-faults.ts";
import { withRpcFaults } from "../faults/rpc-faults.ts";
import { createFaultSwitches, type Faults } from "../faults/switches.ts";
import { type Listening, listen } from "../listen.ts";
import type { LocalNode } from "../node.ts";
import { createSubscriptionRegistry } from "../pubsub/registry.ts";
import { attachPubsub } from "../pubsub/server.ts";
import { createRpcDispatch } from "../rpc/dispatch.ts";
import { attachRpc } from "../rpc/server.ts";
import { createReplica } from "./replica.ts";

/** One provider: JSON-RPC and subscriptions on two ports, with faults of its own. */
export interface Endpoint {
  readonly httpUrl: string;
  readonly wsUrl: string;
  readonly faults: Faults;
  /** Open WebSockets. */
  readonly connections: () => number;
  /** Closes all open WebSockets with a code, and returns how many there were. New ones are welcome. */
  readonly disconnect: (code: CloseCode) => number;
  /** Both ports stop listening and drop their connections: clients are refused until `up`. */
  readonly down: () => Promise<void>;
  /** Listens again, on the same ports; settings of faults are as they were. @throws when a port is taken. */
  readonly up: () => Promise<void>;
}

export interface EndpointOptions {
  readonly node: LocalNode;
  readonly chain: Chain;
  readonly host: string;
  readonly httpPort: number;
  readonly wsPort: number;
  /** Determines when faults with a probability strike. */
  readonly seed: string;
}

const urlHost = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/** Two servers that start and stop together. */
const listenPair = async (
  host: string,
  [http, ws]: readonly [Attached, Attached],
): Promise<readonly [Listening, Listening]> => {
  const first = await listen(host, http.port, http.attach);
  try {
    return [first, await listen(host, ws.port, ws.attach)];
  } catch (error) {
    await first.close();
    throw error;
  }
};

interface Attached {
  readonly port: number;
  readonly attach: (server: Server) => void;
}

/** Starts an endpoint. @throws when a port is taken. */
export const createEndpoint = async (options: EndpointOptions): Promise<Endpoint> => {
  const { node, chain, host, seed } = options;
  const faults = createFaultSwitches(seed);
  const { view, slotsBehind } = createReplica(node, faults);
  const registry = createSubscriptionRegistry(view);
  view.ledger.subscribe(registry.publish);
  const connections = createConnections(faults);
  attachFlood(faults, { registry, ledger: view.ledger, seed });
  const rpc = {
    intercept: createInterceptor(faults),
    control: createControl({ faults, connections, chain }),
    dispatch: withRpcFaults(
      faults,
      { slotsBehind, processedSlot: () => view.ledger.slot("processed") },
      createRpcDispatch(view),
    ),
  };
  const open = (httpPort: number, wsPort: number) =>
    listenPair(host, [
      { port: httpPort, attach: (server) => attachRpc(server, rpc) },
      { port: wsPort, attach: (server) => attachPubsub(server, { registry, connections, faults }) },
    ]);

  let listening = await open(options.httpPort, options.wsPort);
  const [{ port: httpPort }, { port: wsPort }] = listening;
  return {
    httpUrl: `http://${urlHost(host)}:${httpPort}`,
    wsUrl: `ws://${urlHost(host)}:${wsPort}`,
    faults,
    connections: connections.count,
    disconnect: connections.disconnect,
    down: async () => {
      await Promise.all(listening.map((server) => server.close()));
    },
    up: async () => {
      listening = await open(httpPort, wsPort);
    },
  };
};
