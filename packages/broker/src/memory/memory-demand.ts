import type { Clock } from "@commcoin/service/lifecycle";
import { checkDemand, DEMAND_TTL_MS, type Demand } from "../demand.ts";

interface Holder {
  wants: Set<string>;
  seenAt: number;
}

export function createMemoryDemand(clock: Clock): Demand {
  const holders = new Map<string, Holder>();
  const listeners = new Set<{ readonly changed: () => void }>();

  const tell = (): void => {
    for (const listener of listeners) {
      queueMicrotask(() => {
        if (listeners.has(listener)) listener.changed();
      });
    }
  };
  const union = (): ReadonlySet<string> => {
    const now = clock.monotonic();
    const all = new Set<string>();
    for (const [name, { wants, seenAt }] of holders) {
      if (now - seenAt > DEMAND_TTL_MS) holders.delete(name);
      else for (const address of wants) all.add(address);
    }
    return all;
  };
  /** Lets a holder want addresses beside `kept`, as far as the bound allows. */
  const apply = (
    name: string,
    kept: Iterable<string>,
    added: readonly string[],
    limit: number,
  ): readonly string[] => {
    const before = union();
    const holder: Holder = { wants: new Set(kept), seenAt: clock.monotonic() };
    holders.set(name, holder);
    const after = new Set(union());
    const refused: string[] = [];
    for (const address of added) {
      if (!after.has(address) && after.size >= limit) {
        refused.push(address);
        continue;
      }
      after.add(address);
      holder.wants.add(address);
    }
    if (after.size !== before.size || [...after].some((address) => !before.has(address))) tell();
    return refused;
  };

  return {
    async change(name, { want, leave }, limit) {
      checkDemand(name, [...want, ...leave]);
      union();
      const kept = new Set(holders.get(name)?.wants);
      for (const address of leave) kept.delete(address);
      return apply(name, kept, want, limit);
    },
    async declare(name, addresses, limit) {
      checkDemand(name, addresses);
      union();
      const declared = new Set(addresses);
      const kept = [...(holders.get(name)?.wants ?? [])].filter((address) => declared.has(address));
      return apply(name, kept, addresses, limit);
    },
    async withdraw(name) {
      checkDemand(name);
      const before = union().size;
      holders.delete(name);
      if (union().size !== before) tell();
    },
    wanted: () => Promise.resolve([...union()]),
    listen(changed) {
      const listener = { changed };
      listeners.add(listener);
      return Promise.resolve(() => listeners.delete(listener));
    },
  };
}
