import {
  HOLDER_TTL_MS,
  OVERDUE_AFTER_MS,
  presenceEvent,
  steps,
  USERS_PER_STEP,
  type PresenceEvent,
  type UserPresence,
} from "../user-presence.ts";
import type { DamageLog } from "../damage.ts";
import { beginningAnew } from "./begin-anew.ts";
import type { Commands } from "./commands.ts";
import type { Keys } from "./keys.ts";
import type { ScriptArguments, ScriptName } from "./scripts.ts";
import { orUnavailable } from "./unavailable.ts";

/** `<milliseconds> <activity> <session> <user>` */
const EVENT = /^(\d+) (connected|disconnected) (\S+) (\S+)$/;

const parse = (text: string): readonly PresenceEvent[] => {
  const [, ts, activity, session, user] = EVENT.exec(text) ?? [];
  if (activity === undefined || session === undefined || user === undefined) return [];
  return [presenceEvent(Number(ts), activity as PresenceEvent["activity_type"], session, user)];
};

const format = ({ id, ts, activity_type, user_id }: PresenceEvent): string =>
  `${ts} ${activity_type} ${id.split(":")[1]} ${user_id}`;

export function createRedisUserPresence({
  commands,
  keys,
  damage,
}: {
  readonly commands: Commands;
  readonly damage: DamageLog;
  readonly keys: Keys;
}): UserPresence {
  const { holders, users, pending, held, claims } = keys.presence;
  const stored = [holders, users, pending];
  const anew = <Result>(names: readonly string[], command: () => Promise<Result>): Promise<Result> =>
    beginningAnew({ commands, damage }, "presence", names, command);
  const run = (name: ScriptName, holder: string, args: ScriptArguments): Promise<unknown> => {
    const all = [...stored, held(holder)];
    return orUnavailable(anew(all, () => commands.run(name, [...all, ...args])));
  };

  return {
    async keep(holder) {
      return (await run("commcoinPresenceKeep", holder, [holder, HOLDER_TTL_MS, 0])) === 1;
    },
    async join(holder) {
      await run("commcoinPresenceKeep", holder, [holder, HOLDER_TTL_MS, 1]);
    },
    async change(holder, changed) {
      const events: PresenceEvent[] = [];
      for (const step of steps(changed)) {
        const reply = await run("commcoinPresenceChange", holder, [holder, ...step.flat()]);
        if (reply === null) return null;
        events.push(...(reply as readonly string[]).flatMap(parse));
      }
      return events;
    },
    async leave(holder, graceMs) {
      return Number(await run("commcoinPresenceLeave", holder, [holder, graceMs])) > 0;
    },
    async sweep() {
      const [gone, overdue] = (await run("commcoinPresenceGone", "", [OVERDUE_AFTER_MS, USERS_PER_STEP])) as [
        gone: readonly string[],
        overdue: readonly string[],
      ];
      const events = overdue.flatMap(parse);
      const junk = overdue.filter((text) => parse(text).length === 0);
      if (junk.length > 0) {
        damage.note("presence", "events of users were damaged, and removed", { events: junk.length });
        await orUnavailable(commands.call("ZREM", pending, ...junk));
      }
      for (const holder of gone) {
        const [left, dropped] = (await run("commcoinPresenceDrop", holder, [holder, USERS_PER_STEP])) as [
          left: number,
          events: readonly string[],
        ];
        events.push(...dropped.flatMap(parse));
        if (left > 0) return { events, more: true };
      }
      return { events, more: overdue.length === USERS_PER_STEP };
    },
    async confirm(events) {
      if (events.length > 0) await orUnavailable(commands.call("ZREM", pending, ...events.map(format)));
    },
    async claim(holder, { key, held: has, wanted, limit, since }) {
      const args = [holder, has, wanted, limit, since ?? 0, HOLDER_TTL_MS];
      const reply = await orUnavailable(
        // The smallest first: the claims of one key have nothing to do with who is there.
        anew(stored, () =>
          anew([claims(key)], () => commands.run("commcoinClaim", [holders, claims(key), ...args])),
        ),
      );
      if (reply === null) return null;
      const [granted, at, certain] = reply as readonly [number, number, number];
      return { granted, at, certain: certain === 1 };
    },
    count: async () => Number(await orUnavailable(commands.call("HLEN", users))),
  };
}
