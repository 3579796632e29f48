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
  /**
   * To be called when the broker is back: it may have come back without what it acknowledged last, and know the name all
   * the same. There is another name then from the next question on.
   */
  renew(): void;
  /**
   * Calls back when there is another name: what the broker knows has to be declared anew. The former one stands for it
   * meanwhile, where the broker still knows it.
   */
  onReplaced(listener: (former: string) => void): void;
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
  const listeners: ((former: string) => void)[] = [];
  let name: string | null = null;
  /** The name under which something may have been lost. */
  let doubted: string | null = null;
  let keptAt = Number.NEGATIVE_INFINITY;
  let keeping: Promise<string> | null = null;

  const keep = async (): Promise<string> => {
    const at = now();
    const former = name;
    const isKnown = former !== null && (await users.keep(former));
    if (isKnown && former !== doubted) {
      keptAt = at;
      return former;
    }
    const fresh = `${serverId}:${randomBytes(6).toString("hex")}`;
    await users.join(fresh);
    name = fresh;
    keptAt = at;
    if (former !== null) {
      const fields = { server_id: serverId };
      if (isKnown)
        log.info(fields, "the broker may have lost some of the users that are here: they are declared anew");
      else log.warn(fields, "was taken for dead: the users that are here are declared anew");
      for (const listener of listeners) listener(former);
    }
    return fresh;
  };

  return {
    current() {
      if (name !== null && name !== doubted && now() - keptAt < KEEP_INTERVAL_MS)
        return Promise.resolve(name);
      keeping ??= keep().finally(() => {
        keeping = null;
      });
      return keeping;
    },
    lost() {
      keptAt = Number.NEGATIVE_INFINITY;
    },
    renew() {
      doubted = name;
    },
    onReplaced: (listener) => void listeners.push(listener),
    get name() {
      return name;
    },
  };
}
