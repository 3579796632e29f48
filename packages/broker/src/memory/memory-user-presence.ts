import type { Clock } from "@commcoin/service/lifecycle";
import {
  HOLDER_TTL_MS,
  OVERDUE_AFTER_MS,
  presenceEvent,
  USERS_PER_STEP,
  type PresenceEvent,
  type UserPresence,
} from "../user-presence.ts";
import { randomBytes } from "node:crypto";

interface Holder {
  readonly users: Set<string>;
  deadline: number;
  /** Its users are being let go: it cannot come back. */
  ended: boolean;
}

export function createMemoryUserPresence(clock: Clock): UserPresence {
  const holders = new Map<string, Holder>();
  const users = new Map<string, { readonly session: string; count: number }>();
  const claims = new Map<string, Map<string, number>>();
  const pending = new Map<string, { readonly event: PresenceEvent; readonly since: number }>();
  /** Tells the sessions of this process from those of an earlier one. */
  const run = randomBytes(6).toString("hex");
  let sessions = 0;

  const tell = (activity: PresenceEvent["activity_type"], session: string, user: string): PresenceEvent => {
    const event = presenceEvent(clock.now(), activity, session, user);
    pending.set(event.id, { event, since: clock.monotonic() });
    return event;
  };
  const enter = (user: string): readonly PresenceEvent[] => {
    const known = users.get(user);
    if (known !== undefined) {
      known.count += 1;
      return [];
    }
    sessions += 1;
    const session = `${run}-${sessions}`;
    users.set(user, { session, count: 1 });
    return [tell("connected", session, user)];
  };
  const exit = (user: string): readonly PresenceEvent[] => {
    const known = users.get(user);
    if (known === undefined) return [];
    known.count -= 1;
    if (known.count > 0) return [];
    users.delete(user);
    return [tell("disconnected", known.session, user)];
  };
  const find = (name: string): Holder | null => {
    const holder = holders.get(name);
    return holder === undefined || holder.ended ? null : holder;
  };

  return {
    async keep(name) {
      const holder = find(name);
      if (holder === null) return false;
      holder.deadline = clock.monotonic() + HOLDER_TTL_MS;
      return true;
    },
    async join(name) {
      holders.set(name, { users: new Set(), deadline: clock.monotonic() + HOLDER_TTL_MS, ended: false });
    },
    async change(name, { came, left }) {
      const holder = find(name);
      if (holder === null) return null;
      const entered = came.filter((user) => !holder.users.has(user) && holder.users.add(user));
      const exited = (): readonly string[] => left.filter((user) => holder.users.delete(user));
      return [...entered.flatMap(enter), ...exited().flatMap(exit)];
    },
    async leave(name, graceMs) {
      const now = clock.monotonic();
      const holder = find(name);
      if (holder !== null) holder.deadline = now + graceMs;
      return [...holders].some(([other, { deadline }]) => other !== name && deadline > now);
    },
    async sweep() {
      const now = clock.monotonic();
      const overdue = [...pending.values()]
        .filter(({ since }) => now - since > OVERDUE_AFTER_MS)
        .slice(0, USERS_PER_STEP)
        .map(({ event }) => event);
      const events: PresenceEvent[] = [];
      for (const [name, holder] of holders) {
        if (!holder.ended && holder.deadline > now) continue;
        holder.ended = true;
        const some = [...holder.users].slice(0, USERS_PER_STEP);
        for (const user of some) holder.users.delete(user);
        events.push(...some.flatMap(exit));
        if (holder.users.size > 0) return { events: [...overdue, ...events], more: true };
        holders.delete(name);
      }
      return { events: [...overdue, ...events], more: overdue.length === USERS_PER_STEP };
    },
    async confirm(events) {
      for (const { id } of events) pending.delete(id);
    },
    async claim(name, { key, held, wanted, limit, since }) {
      if (find(name) === null) return null;
      const at = clock.monotonic();
      const claimed = claims.get(key) ?? new Map<string, number>();
      const others = [...claimed].flatMap(([other, count]) => {
        const holder = holders.get(other);
        if (holder === undefined) claimed.delete(other);
        if (other === name || holder === undefined || holder.ended || holder.deadline <= at) return [];
        return [{ count, keptAt: holder.deadline - HOLDER_TTL_MS }];
      });
      const taken = others.reduce((sum, { count }) => sum + count, 0);
      const granted = Math.max(held, Math.min(wanted, limit - taken));
      if (granted > 0) claimed.set(name, granted);
      else claimed.delete(name);
      if (claimed.size > 0) claims.set(key, claimed);
      else claims.delete(key);
      return { granted, certain: others.every(({ keptAt }) => keptAt > (since ?? at)), at };
    },
    count: () => Promise.resolve(users.size),
  };
}
