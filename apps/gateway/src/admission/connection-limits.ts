import type { SharedCounts } from "../cluster/shared-counts.ts";
import { addressGroup } from "../connections/address-group.ts";
import type { PlaceLimits } from "./default-limits.ts";
import type { ConnectionOrigin } from "../connections/connection.ts";

export interface Excess {
  readonly limit: "user" | "address";
  readonly reason: string;
}

/** Counts connections by user and by address, over all gateways together. */
export interface ConnectionLimits {
  /** Takes a place under each limit, or none. @returns the names it is counted under, to be given to `leave`. */
  enter(
    origin: ConnectionOrigin,
  ): Promise<{ readonly counted: readonly string[] } | { readonly excess: Excess }>;
  leave(counted: readonly string[]): void;
}

/** @returns null where nothing is limited. */
export function createConnectionLimits(
  { maxConnectionsPerUser, maxConnectionsPerAddress, countsAddress }: PlaceLimits,
  counts: SharedCounts,
): ConnectionLimits | null {
  if (maxConnectionsPerUser === 0 && maxConnectionsPerAddress === 0) return null;
  const leave = (counted: readonly string[]): void => {
    for (const key of counted) counts.leave(key);
  };
  return {
    async enter({ userId, address }) {
      const counted: string[] = [];
      if (maxConnectionsPerAddress > 0 && countsAddress(address)) {
        const key = `address:${addressGroup(address)}`;
        if (!(await counts.enter(key, maxConnectionsPerAddress))) {
          const reason = `connection limit: ${maxConnectionsPerAddress} from one address`;
          return { excess: { limit: "address", reason } };
        }
        counted.push(key);
      }
      if (maxConnectionsPerUser > 0 && userId !== null) {
        const key = `user:${userId}`;
        if (!(await counts.enter(key, maxConnectionsPerUser))) {
          leave(counted);
          return {
            excess: { limit: "user", reason: `connection limit: ${maxConnectionsPerUser} for one user` },
          };
        }
        counted.push(key);
      }
      return { counted };
    },
    leave,
  };
}
