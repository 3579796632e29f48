import { randomBytes } from "node:crypto";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import {
  HOLDER_TTL_MS,
  OVERDUE_AFTER_MS,
  USERS_PER_STEP,
  type PresenceEvent,
  type UserPresence,
} from "../user-presence.ts";
import { after, type BrokerBus } from "./support.ts";

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
        const claim = { key: unique("user:ann"), held: 0, wanted: 1, limit: 1, since: null };
        expect(await one.claim(dying, claim)).toMatchObject({ granted: 1 });
        expect(await two.claim(living, claim)).toMatchObject({ granted: 0 });
        const events: PresenceEvent[] = [];
        await after(getBus(), HOLDER_TTL_MS + 1, async () => {
          expect(await two.keep(living)).toBe(true);
          expect(await two.claim(living, claim)).toMatchObject({ granted: 1, certain: true });
          for (const part of await Promise.all([sweep(two), sweep(three)])) events.push(...part);
          expect(events.length).toBeGreaterThan(0);
        });
        expect(told(events)).toEqual([`${ann} disconnected`]);
        expect(events[0]?.id).toBe(connected?.id.replace("connected", "disconnected"));
        // It was only paused: whatever it held has to be held anew, under another name.
        expect(await one.keep(dying)).toBe(false);
        expect(await change(one, dying, came(ann))).toBeNull();
        expect(await one.claim(dying, claim)).toBeNull();
        const anew = await joined(one);
        expect(told(await change(one, anew, came(ann, bob)))).toEqual([`${ann} connected`]);
        for (const holder of [anew, living]) await one.leave(holder, 0);
        expect(told(await sweep(one))?.toSorted()).toEqual([`${ann} disconnected`, `${bob} disconnected`]);
      },
    );

    it("counts claims over all holders up to a limit, whoever comes first", async () => {
      const [one, two] = [await connect(), await connect()];
      const [first, second] = [await joined(one), await joined(two)];
      const key = unique("user:ann");
      const claim = (users: UserPresence, holder: string, held: number, wanted: number) =>
        users.claim(holder, { key, held, wanted, limit: 5, since: null });
      expect(await claim(one, first, 0, 3)).toMatchObject({ granted: 3 });
      // Saying it again changes nothing: an answer may have been lost.
      expect(await claim(one, first, 0, 3)).toMatchObject({ granted: 3 });
      expect(await claim(two, second, 0, 4)).toMatchObject({ granted: 2 });
      expect(await claim(one, first, 0, 1)).toMatchObject({ granted: 1 });
      expect(await claim(two, second, 2, 5)).toMatchObject({ granted: 4 });
      // What is held already is not taken away.
      expect(await claim(one, first, 4, 4)).toMatchObject({ granted: 4 });
      expect(await claim(two, second, 0, 0)).toMatchObject({ granted: 0 });
      expect(await claim(one, first, 4, 9)).toMatchObject({ granted: 5 });
      expect(
        await two.claim(second, { key: unique("user:bob"), held: 0, wanted: 1, limit: 5, since: null }),
      ).toMatchObject({
        granted: 1,
        certain: true,
      });
      expect(await claim(one, unique("nobody"), 0, 1)).toBeNull();
      const other = unique("user:eve");
      const granted = await Promise.all(
        [first, second, first, second].map((holder, index) =>
          (index % 2 === 0 ? one : two).claim(holder, {
            key: other,
            held: 0,
            wanted: 4,
            limit: 5,
            since: null,
          }),
        ),
      );
      expect(new Set(granted.map((result) => result?.granted))).toEqual(new Set([4, 1]));
      for (const holder of [first, second]) await one.leave(holder, 0);
      await sweep(one);
    });

    it("says whether all who have claims have shown that they live", { timeout: 30_000 }, async () => {
      const [one, two] = [await connect(), await connect()];
      const [first, second] = [await joined(one), await joined(two)];
      const key = unique("user:ann");
      await one.claim(first, { key, held: 0, wanted: 1, limit: 1, since: null });
      const refused = await two.claim(second, { key, held: 0, wanted: 1, limit: 1, since: null });
      expect(refused?.granted).toBe(0);
      const ask = () =>
        two.claim(second, { key, held: 0, wanted: 1, limit: 1, since: (refused?.at ?? 0) + 1 });
      expect(await ask()).toMatchObject({ granted: 0, certain: false });
      await after(getBus(), 10, async () => {
        expect(await one.keep(first)).toBe(true);
        expect(await ask()).toMatchObject({ granted: 0, certain: true });
      });
      for (const holder of [first, second]) await one.leave(holder, 0);
      await sweep(one);
    });

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
