import { hostname } from "node:os";
import type { ClusterServer } from "./cluster.ts";

/** `host:port` at which a server may be reached from here, the likeliest first; empty where it does not tell. */
export function addressesOf({ process: runs }: Pick<ClusterServer, "process">): readonly string[] {
  if (runs === undefined || runs.port === 0) return [];
  const hosts = [
    ...(runs.host === hostname() ? ["127.0.0.1"] : []),
    ...runs.addresses.map((address) => (address.includes(":") ? `[${address}]` : address)),
    ...(runs.host === hostname() ? [] : [runs.host]),
  ];
  return [...new Set(hosts)].map((host) => `${host}:${runs.port}`);
}

/** Whether it runs on this machine, so that it must be reachable. */
export const isHere = ({ process: runs }: Pick<ClusterServer, "process">): boolean =>
  runs !== undefined && runs.host === hostname();
