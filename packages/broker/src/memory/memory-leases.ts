import type { Clock } from "@commcoin/service/lifecycle";
import type { Lease, Leases } from "../leases.ts";

export function createMemoryLeases(clock: Clock): Leases {
  const held = new Map<string, { readonly lease: Lease; readonly until: number }>();
  const fences = new Map<string, number>();

  const current = (name: string): Lease | undefined => {
    const entry = held.get(name);
    return entry !== undefined && entry.until > clock.monotonic() ? entry.lease : undefined;
  };
  const hold = (lease: Lease, ttlMs: number): Lease => {
    held.set(lease.name, { lease, until: clock.monotonic() + ttlMs });
    return lease;
  };
  const isCurrent = ({ name, holder, fence }: Lease): boolean => {
    const lease = current(name);
    return lease?.holder === holder && lease.fence === fence;
  };
  return {
    acquire(name, holder, ttlMs) {
      const lease = current(name);
      if (lease !== undefined) return Promise.resolve(lease.holder === holder ? hold(lease, ttlMs) : null);
      const fence = (fences.get(name) ?? 0) + 1;
      fences.set(name, fence);
      return Promise.resolve(hold({ name, holder, fence }, ttlMs));
    },
    renew(lease, ttlMs) {
      if (!isCurrent(lease)) return Promise.resolve(false);
      hold(lease, ttlMs);
      return Promise.resolve(true);
    },
    release(lease) {
      if (isCurrent(lease)) held.delete(lease.name);
      return Promise.resolve();
    },
  };
}
