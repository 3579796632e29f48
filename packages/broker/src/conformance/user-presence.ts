import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  HOLDER_TTL_MS,
  OVERDUE_AFTER_MS,
  USERS_PER_STEP,
  type PresenceEvent,
  type UserPresence,
} from "../user-presence.ts";
import { after, eventually, type BrokerBus } from "./support.ts";

const unique = (name: string): string => `${name}-${randomBytes(6).toString("hex")}`;
interface Changes {
  readonly came: readonly string[];
  readonly left: readonly string[];
}
const came = (...users: string[]): Changes => ({ came: users, left: [] });
const left = (...users: string[]): Changes => ({ came: [], left: users });
const told = (events: readonly PresenceEvent[] | null) =>
  events?.map(({ activity_type, user_id }) => `${user_id} ${activity_type}`);

/** Which users are connected, over several gateways of which some die. */
export function userPresenceConformance(getBus: () => BrokerBus): void {
  const connect = async (): Promise<UserPresence> => (await getBus().connect()).users;
  const joined = async (users: UserPresence): Promise<string> => {
    const holder = unique("gateway");
    await users.join(holder);
    return holder;
  };
  /** Sweeps to the end, and confirms. */
  const sweep = async (users: UserPresence): Promise<readonly PresenceEvent[]> => {
    const events: PresenceEvent[] = [];
    for (let more = true; more;) {
      const part = await users.sweep();
      await users.confirm(part.events);
      events.push(...part.events);
      ({ more } = part);
    }
    return events;
  };
  const change = async (users: UserPresence, holder: string, changes: Changes) => {
    const events = await users.change(holder, changes);
    if (events !== null) await users.confirm(events);
    return events;
  };

  describe("user presence", () => {
    it("lasts from the first gateway that holds a user to the last one", async () => {
      const [one, two] = [await connect(), await connect()];
      const [first, second] = [await joined(one), await joined(two)];
      const [ann, bob] = [unique("ann"), unique("bob")];
      const before = await one.count();
      const connected = await change(one, first, came(ann, bob));
      expect(told(connected)).toEqual([`${ann} connected`, `${bob} connected`]);
      expect(await change(one, first, came(ann))).toEqual([]);
      expect(await change(two, second, came(ann))).toEqual([]);
      expect(await one.count()).toBe(before + 2);
      expect(told(await change(one, first, left(ann, bob)))).toEqual([`${bob} disconnected`]);
      expect(await change(one, first, left(ann))).toEqual([]);
      const disconnected = await change(two, second, left(ann));
      expect(told(disconnected)).toEqual([`${ann} disconnected`]);
      const again = await change(one, first, came(ann));
      expect(told(again)).toEqual([`${ann} connected`]);
      expect(again?.[0]?.id).not.toBe(connected?.[0]?.id);
      expect(Math.abs((again?.[0]?.ts ?? 0) - Date.now())).toBeLessThan(300_000);
      await change(one, first, left(ann));
      expect(await one.count()).toBe(before);
      for (const holder of [first, second]) await one.leave(holder, 0);
      expect(await sweep(two)).toEqual([]);
    });

    it(
      "ends for the users of a gateway that died, once whoever sweeps, and not for those held elsewhere",
      {
        timeout: 40_000,
      },
      async () => {
        const [one, two, three] = [await connect(), await connect(), await connect()];
        const [dying, living] = [await joined(one), await joined(two)];
        const [ann, bob] = [unique("ann"), unique("bob")];
        const [connected] = (await change(one, dying, came(ann, bob))) ?? [];
        await change(two, living, came(bob));
        expect(await sweep(two)).toEqual([]);
        const events: PresenceEvent[] = [];
        await after(getBus(), HOLDER_TTL_MS + 1, async () => {
          expect(await two.keep(living)).toBe(true);
          for (const part of await Promise.all([sweep(two), sweep(three)])) events.push(...part);
          expect(events.length).toBeGreaterThan(0);
        });
        expect(told(events)).toEqual([`${ann} disconnected`]);
        expect(events[0]?.id).toBe(connected?.id.replace("connected", "disconnected"));
        // It was only paused: whatever it held has to be held anew, under another name.
        expect(await one.keep(dying)).toBe(false);
        expect(await change(one, dying, came(ann))).toBeNull();
        const anew = await joined(one);
        expect(told(await change(one, anew, came(ann, bob)))).toEqual([`${ann} connected`]);
        for (const holder of [anew, living]) await one.leave(holder, 0);
        expect(told(await sweep(one))?.toSorted()).toEqual([`${ann} disconnected`, `${bob} disconnected`]);
      },
    );

    it("goes on without a word when users find another gateway while theirs leaves", async () => {
      const [one, two] = [await connect(), await connect()];
      const leaving = await joined(one);
      const [ann, bob] = [unique("ann"), unique("bob")];
      await change(one, leaving, came(ann, bob));
      expect(await one.leave(leaving, 300)).toBe(false);
      const staying = await joined(two);
      expect(await one.leave(leaving, 300)).toBe(true);
      expect(await sweep(two)).toEqual([]);
      await change(two, staying, came(ann));
      const events: PresenceEvent[] = [];
      await after(getBus(), 301, async () => {
        events.push(...(await sweep(two)));
        expect(told(events)).toEqual([`${bob} disconnected`]);
      });
      expect(await two.keep(staying)).toBe(true);
      expect(told(await change(two, staying, left(ann)))).toEqual([`${ann} disconnected`]);
      await two.leave(staying, 0);
      await sweep(two);
    });

    it("gives an event that nobody confirmed to the next one who sweeps", { timeout: 30_000 }, async () => {
      const [one, two] = [await connect(), await connect()];
      const holder = await joined(one);
      const ann = unique("ann");
      const lost = (await one.change(holder, came(ann))) ?? [];
      expect(told(lost)).toEqual([`${ann} connected`]);
      expect(await two.sweep()).toEqual({ events: [], more: false });
      await after(getBus(), OVERDUE_AFTER_MS + 1, async () => {
        expect((await two.sweep()).events).toEqual(lost);
      });
      await two.confirm(lost);
      expect((await one.sweep()).events).toEqual([]);
      await one.leave(holder, 0);
      await sweep(one);
    });

    it("lets the users of a large gateway go a part at a time, each once", async () => {
      const users = await connect();
      const holder = await joined(users);
      const crowd = Array.from({ length: 2 * USERS_PER_STEP + 1 }, (_, index) => unique(`user${index}`));
      expect(await change(users, holder, came(...crowd))).toHaveLength(crowd.length);
      await users.leave(holder, 0);
      expect(await users.keep("nobody")).toBe(false);
      const first = await users.sweep();
      expect(first.more).toBe(true);
      expect(first.events).toHaveLength(USERS_PER_STEP);
      await users.confirm(first.events);
      expect(await users.keep(holder)).toBe(false);
      const events = [...first.events, ...(await sweep(users))];
      expect(told(events)?.toSorted()).toEqual(crowd.map((user) => `${user} disconnected`).toSorted());
      await eventually(async () => expect((await users.sweep()).events).toEqual([]));
    });
  });
}
