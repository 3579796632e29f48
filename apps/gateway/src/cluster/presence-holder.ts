import type { UserPresence } from "@commcoin/broker";
import type { Logger } from "@commcoin/service/telemetry";
import { randomBytes } from "node:crypto";

/** A lifetime of a holder has room for three of them to get lost. */
export const KEEP_INTERVAL_MS = 3_000;

/** What this gateway is called in the broker while it lives. */
export interface PresenceHolder {
  /**
   * The name; to be asked every few seconds, which keeps it alive. A gateway that was taken for dead gets another one.
   * @throws {BrokerUnavailableError} when the broker cannot be reached.
   */
  current(): Promise<string>;
  /** To be called when the broker does not know the name. */
  lost(): void;
  /** Calls back when there is another name: what the broker was told has to be told anew. */
  onReplaced(listener: () => void): void;
  /** The last name, without asking anybody. */
  readonly name: string | null;
}

export function createPresenceHolder({
  users,
  serverId,
  now,
  log,
}: {
  readonly users: Pick<UserPresence, "keep" | "join">;
  readonly serverId: string;
  readonly now: () => number;
  readonly log: Logger;
}): PresenceHolder {
  const listeners: (() => void)[] = [];
  let name: string | null = null;
  let keptAt = Number.NEGATIVE_INFINITY;
  let keeping: Promise<string> | null = null;

  const keep = async (): Promise<string> => {
    const at = now();
    if (name === null || !(await users.keep(name))) {
      const fresh = `${serverId}:${randomBytes(6).toString("hex")}`;
      await users.join(fresh);
      const replaced = name !== null;
      name = fresh;
      if (replaced) {
        log.warn({ server_id: serverId }, "was taken for dead: the users that are here are told anew");
        for (const listener of listeners) listener();
      }
    }
    keptAt = at;
    return name;
  };

  return {
    current() {
      if (name !== null && now() - keptAt < KEEP_INTERVAL_MS) return Promise.resolve(name);
      keeping ??= keep().finally(() => {
        keeping = null;
      });
      return keeping;
    },
    lost() {
      keptAt = Number.NEGATIVE_INFINITY;
    },
    onReplaced: (listener) => void listeners.push(listener),
    get name() {
      return name;
    },
  };
}
