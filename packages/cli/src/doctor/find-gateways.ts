import { addressesOf } from "./addresses.ts";
import type { ClusterServer } from "./cluster.ts";
import { connectToGateway, isClient, type ConnectFailure, type GatewayClient } from "./gateway-client.ts";

/** Several gateways share an address behind a load balancer, or as workers: each connection meets one of them by chance. */
const MAX_TRIES = 48;
const TRIES_AT_ONCE = 8;
const SEARCH_MS = 7_000;

export interface FoundGateways {
  readonly clients: ReadonlyMap<string, GatewayClient>;
  /** By URL. */
  readonly failures: ReadonlyMap<string, ConnectFailure>;
}

export const webSocketUrl = (address: string): string => `ws://${address}/ws`;

/**
 * Connects to gateways: to each one that is wanted, at an address that it tells or at one that is given; where none is
 * wanted by name, to whoever is at the given ones.
 */
export async function findGateways({
  wanted,
  given,
  token,
}: {
  readonly wanted: readonly ClusterServer[];
  readonly given: readonly string[];
  readonly token: string | null;
}): Promise<FoundGateways> {
  const clients = new Map<string, GatewayClient>();
  const failures = new Map<string, ConnectFailure>();
  const ids = new Set(wanted.map(({ server_id }) => server_id));
  const deadline = performance.now() + SEARCH_MS;
  const isComplete = (group: ReadonlySet<string>): boolean => [...group].every((id) => clients.has(id));

  const tryOnce = async (url: string): Promise<boolean> => {
    const found = await connectToGateway(url, token);
    if (!isClient(found)) {
      failures.set(url, found);
      return false;
    }
    const isNew = !clients.has(found.serverId) && (ids.size === 0 || ids.has(found.serverId));
    if (isNew) clients.set(found.serverId, found);
    else found.close();
    return true;
  };
  /** Knocks again and again while somebody who may be there has not opened. */
  const search = async (url: string, expected: ReadonlySet<string>): Promise<void> => {
    if (!(await tryOnce(url)) || expected.size <= 1) return;
    for (
      let tries = 1;
      tries < MAX_TRIES && !isComplete(expected) && performance.now() < deadline;
      tries += TRIES_AT_ONCE
    ) {
      await Promise.all(Array.from({ length: TRIES_AT_ONCE }, () => tryOnce(url)));
    }
  };

  await Promise.all(given.map((url) => search(url, ids)));
  const byUrl = new Map<string, Set<string>>();
  for (const server of wanted) {
    if (clients.has(server.server_id)) continue;
    for (const address of addressesOf(server)) {
      const url = webSocketUrl(address);
      byUrl.set(url, (byUrl.get(url) ?? new Set()).add(server.server_id));
    }
  }
  await Promise.all([...byUrl].map(([url, expected]) => search(url, expected)));
  return { clients, failures };
}
