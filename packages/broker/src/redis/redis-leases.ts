import type { Redis } from "ioredis";
import type { Lease, Leases } from "../leases.ts";
import type { Keys } from "./keys.ts";
import { runScript } from "./scripts.ts";
import { orUnavailable } from "./unavailable.ts";

const valueOf = ({ fence, holder }: Lease): string => `${fence} ${holder}`;

export const createRedisLeases = ({
  redis,
  keys,
}: {
  readonly redis: Redis;
  readonly keys: Keys;
}): Leases => ({
  async acquire(name, holder, ttlMs) {
    const fence = await orUnavailable(
      runScript(redis, "commcoinAcquire", [...keys.lease(name), holder, ttlMs]),
    );
    return fence === null ? null : { name, holder, fence: Number(fence) };
  },
  async renew(lease, ttlMs) {
    const [key] = keys.lease(lease.name);
    return (await orUnavailable(runScript(redis, "commcoinRenew", [key, valueOf(lease), ttlMs]))) === 1;
  },
  async release(lease) {
    const [key] = keys.lease(lease.name);
    await orUnavailable(runScript(redis, "commcoinRelease", [key, valueOf(lease)]));
  },
});
