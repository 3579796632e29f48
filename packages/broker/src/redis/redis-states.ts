import { FencedError } from "../broker.ts";
import { checkFence } from "../encode-message.ts";
import { STATE_TTL_MS, type StateStore } from "../state-store.ts";
import type { DamageLog } from "../damage.ts";
import { beginningAnew } from "./begin-anew.ts";
import type { Commands } from "./commands.ts";
import type { Keys } from "./keys.ts";
import { orUnavailable } from "./unavailable.ts";

/** Values in one answer, about: a large collection must not keep Redis from answering others. */
const PAGE = 500;

/** A collection is a hash, beside a key with the highest fencing number that wrote to it. */
export function createRedisStates({
  commands,
  keys: names,
  damage,
}: {
  readonly commands: Commands;
  readonly damage: DamageLog;
  readonly keys: Keys;
}): StateStore {
  /** The fence stays: it keeps earlier holders out. */
  const onValues = <Result>(key: string, command: () => Promise<Result>): Promise<Result> =>
    orUnavailable(beginningAnew({ commands, damage }, "state", [key], command));
  return {
    async read(name, keys) {
      const [key] = names.state(name);
      const found = new Map<string, string>();
      if (keys !== undefined) {
        const values =
          keys.length === 0
            ? []
            : ((await onValues(key, () => commands.call("HMGET", key, ...keys))) as readonly unknown[]);
        for (const [index, field] of keys.entries()) {
          const value = values[index];
          if (typeof value === "string") found.set(field, value);
        }
        return found;
      }
      let cursor = "0";
      do {
        const [next, entries] = (await onValues(key, () =>
          commands.call("HSCAN", key, cursor, "COUNT", String(PAGE)),
        )) as [string, readonly string[]];
        for (let index = 0; index + 1 < entries.length; index += 2) {
          found.set(entries[index] ?? "", entries[index + 1] ?? "");
        }
        cursor = next;
      } while (cursor !== "0");
      // The fencing number.
      found.delete("");
      return found;
    },

    async write(name, changes, { fence }) {
      checkFence(fence);
      const sets: string[] = [];
      const removed: string[] = [];
      for (const [field, value] of changes) {
        if (value === null) removed.push(field);
        else sets.push(field, value);
      }
      const written = await onValues(names.state(name)[0], () =>
        commands.run("commcoinWriteState", [
          ...names.state(name),
          fence,
          STATE_TTL_MS,
          sets.length / 2,
          ...sets,
          ...removed,
        ]),
      );
      if (written !== 1) throw new FencedError(name);
    },
  };
}
