import type { Clock } from "@commcoin/service/lifecycle";
import { byServiceAndId, GONE_AFTER_MS, registered, type Registry, type ServerRecord } from "../registry.ts";

type Identity = Pick<ServerRecord, "service" | "server_id" | "instance">;

const keyOf = ({ service, server_id }: Identity): string => `${service}:${server_id}`;
const ownKeyOf = (identity: Identity): string => `${keyOf(identity)} ${identity.instance}`;

interface Entry {
  readonly record: ServerRecord;
  /** By the monotonic clock. */
  readonly heardAt: number;
  /** Unix milliseconds. */
  readonly at: number;
}

export function createMemoryRegistry(clock: Clock): Registry {
  const entries = new Map<string, Entry>();
  /** By id and instance, which every process has one of. */
  const superseded = new Map<string, Entry>();
  const removeGone = (): void => {
    for (const list of [entries, superseded]) {
      for (const [key, { heardAt }] of list) {
        if (clock.monotonic() - heardAt > GONE_AFTER_MS) list.delete(key);
      }
    }
  };
  const supersededBy = (record: ServerRecord): number =>
    [...superseded.values()].filter((other) => keyOf(other.record) === keyOf(record)).length;
  return {
    heartbeat(record) {
      removeGone();
      const entry = { record, heardAt: clock.monotonic(), at: clock.now() };
      const listed = entries.get(keyOf(record))?.record;
      if (
        listed !== undefined &&
        listed.instance !== record.instance &&
        listed.started_at > record.started_at
      ) {
        superseded.set(ownKeyOf(record), entry);
        return Promise.resolve("superseded");
      }
      entries.set(keyOf(record), entry);
      superseded.delete(ownKeyOf(record));
      return Promise.resolve("listed");
    },
    leave(record) {
      superseded.delete(ownKeyOf(record));
      if (entries.get(keyOf(record))?.record.instance === record.instance) entries.delete(keyOf(record));
      return Promise.resolve();
    },
    servers() {
      removeGone();
      const now = clock.monotonic();
      return Promise.resolve(
        [...entries.values()]
          .map(({ record, heardAt, at }) =>
            registered(record, { ageMs: now - heardAt, at, superseded: supersededBy(record) }),
          )
          .sort(byServiceAndId),
      );
    },
  };
}
