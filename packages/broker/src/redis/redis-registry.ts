import {
  byServiceAndId,
  GONE_AFTER_MS,
  registered,
  serverRecord,
  type Registry,
  type ServerRecord,
} from "../registry.ts";
import type { DamageLog } from "../damage.ts";
import { beginningAnew } from "./begin-anew.ts";
import type { Commands } from "./commands.ts";
import type { Keys } from "./keys.ts";
import { orUnavailable } from "./unavailable.ts";

const fieldOf = ({ service, server_id }: Pick<ServerRecord, "service" | "server_id">): string =>
  `${service}:${server_id}`;

/** An instance as one word. */
const wordOf = ({ instance }: Pick<ServerRecord, "instance">): string => encodeURIComponent(instance) || "-";

/** As the script lists a server. */
type ServerEntry = readonly [ageMs: number, at: number, superseded: number, record: string];

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

export function createRedisRegistry({
  commands,
  keys,
  damage,
}: {
  readonly commands: Commands;
  readonly keys: Keys;
  readonly damage: DamageLog;
}): Registry {
  const run = (name: "commcoinHeartbeat" | "commcoinLeave" | "commcoinServers", args: (string | number)[]) =>
    orUnavailable(
      beginningAnew({ commands, damage }, "registry", [keys.servers], () =>
        commands.run(name, [keys.servers, ...args]),
      ),
    );

  return {
    async heartbeat(record) {
      const text = JSON.stringify(record);
      const listed = await run("commcoinHeartbeat", [
        fieldOf(record),
        record.started_at,
        wordOf(record),
        text,
        GONE_AFTER_MS,
      ]);
      return listed === 1 ? "listed" : "superseded";
    },
    async leave(record) {
      await run("commcoinLeave", [fieldOf(record), wordOf(record)]);
    },
    async servers() {
      const reply = (await run("commcoinServers", [GONE_AFTER_MS])) as readonly ServerEntry[];
      return reply
        .flatMap(([ageMs, at, superseded, record]) => {
          const parsed = serverRecord.safeParse(parse(record));
          if (parsed.success) return [registered(parsed.data, { ageMs, at, superseded })];
          damage.note("registry", "skipped an entry of the server list that is none", {
            redis_key: keys.servers,
          });
          return [];
        })
        .sort(byServiceAndId);
    },
  };
}
