import type { Clock } from "@commcoin/service/lifecycle";
import { byServiceAndId, GONE_AFTER_MS, registered, type Registry, type ServerRecord } from "../registry.ts";

const keyOf = ({ service, server_id }: Pick<ServerRecord, "service" | "server_id">): string =>
  `${service}:${server_id}`;

export function createMemoryRegistry(clock: Clock): Registry {
  const entries = new Map<string, { readonly record: ServerRecord; readonly at: number }>();
  const removeGone = (): void => {
    for (const [key, { at }] of entries) {
      if (clock.monotonic() - at > GONE_AFTER_MS) entries.delete(key);
    }
  };
  return {
    heartbeat(record) {
      removeGone();
      const listed = entries.get(keyOf(record))?.record;
      if (
        listed !== undefined &&
        listed.instance !== record.instance &&
        listed.started_at > record.started_at
      ) {
        return Promise.resolve("superseded");
      }
      entries.set(keyOf(record), { record, at: clock.monotonic() });
      return Promise.resolve("listed");
    },
    leave(record) {
      if (entries.get(keyOf(record))?.record.instance === record.instance) entries.delete(keyOf(record));
      return Promise.resolve();
    },
    servers() {
      removeGone();
      const now = clock.monotonic();
      return Promise.resolve(
        [...entries.values()].map(({ record, at }) => registered(record, now - at)).sort(byServiceAndId),
      );
    },
  };
}
