import type { Lease, Leases } from "../leases.ts";
import type { Commands } from "./commands.ts";
import type { Keys } from "./keys.ts";
import { orUnavailable } from "./unavailable.ts";

const valueOf = ({ fence, holder }: Lease): string => `${fence} ${holder}`;

export const createRedisLeases = ({
  commands,
  keys,
}: {
  readonly commands: Commands;
  readonly keys: Keys;
}): Leases => ({
  async acquire(name, holder, ttlMs) {
    const fence = await orUnavailable(commands.run("commcoinAcquire", [...keys.lease(name), holder, ttlMs]));
    return fence === null ? null : { name, holder, fence: Number(fence) };
  },
  async renew(lease, ttlMs) {
    const [key] = keys.lease(lease.name);
    return (await orUnavailable(commands.run("commcoinRenew", [key, valueOf(lease), ttlMs]))) === 1;
  },
  async release(lease) {
    const [key] = keys.lease(lease.name);
    await orUnavailable(commands.run("commcoinRelease", [key, valueOf(lease)]));
  },
});
