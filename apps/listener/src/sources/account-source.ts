import type { Demand } from "@commcoin/broker";
import { sleep, whenAborted } from "@commcoin/service/lifecycle";
import { errorText } from "../support/error-text.ts";
import { createAccountWatch } from "./account-watch.ts";
import { createLogsSource, type LogsSource, type LogsSourceOptions } from "./logs-source.ts";

export interface AccountSourceOptions extends Omit<LogsSourceOptions, "name" | "maxAddresses" | "coins"> {
  readonly demand: Pick<Demand, "wanted" | "listen">;
  /** The most accounts that are watched for clients, beside `addresses`. */
  readonly maxDemanded: number;
  /** How long an account stays watched that no client follows any more. */
  readonly graceMs: number;
}

export interface AccountSource extends LogsSource {
  /** The accounts that are watched at the moment. */
  readonly watched: ReadonlySet<string>;
  /** Fulfilled once the demand was read for the first time. */
  readonly demandRead: Promise<void>;
}

/** How long a change of the demand that nobody told of may go unnoticed. */
const READ_INTERVAL_MS = 1_000;
/** Many clients that come at the same time are one reading. */
const READ_PAUSE_MS = 100;

/**
 * Follows the accounts that the configuration names, always, and those that clients of any gateway follow, for as long
 * as they do. When a reading of the demand brings a new account, its transactions matter since the reading before, which
 * did not have it. Those of them that another source brought meanwhile are published, but not to the account's topic.
 */
export function createAccountSource({
  demand,
  maxDemanded,
  graceMs,
  ...options
}: AccountSourceOptions): AccountSource {
  const { addresses, startingPoint, pool, log, throttledLog, metrics } = options;
  const source = createLogsSource({
    ...options,
    name: "account",
    maxAddresses: addresses.length + maxDemanded,
    coins: false,
  });
  const fixed = new Set(addresses);
  const watched = new Set(addresses);
  const watch = createAccountWatch({ limit: maxDemanded, graceMs });
  let full = false;
  let wasRead = (): void => {};
  const demandRead = new Promise<void>((resolve) => {
    wasRead = resolve;
  });
  metrics.watchedAccounts.set(watched.size);

  const apply = (wanted: readonly string[], fromSlot: (address: string) => number): void => {
    const demanded = wanted.filter((address) => !fixed.has(address));
    const { follow, unfollow, left } = watch.update(demanded, performance.now(), fromSlot);
    for (const address of unfollow) {
      watched.delete(address);
      source.unfollow(address);
    }
    for (const [address, slot] of follow) {
      if (!watched.has(address)) log.debug({ address, from_slot: slot }, "watching for clients");
      watched.add(address);
      source.follow(address, slot);
    }
    metrics.demandedAccounts.set(wanted.length);
    metrics.watchedAccounts.set(watched.size);
    metrics.refusedAccounts.set(left.length);
    if (left.length > 0 && !full) {
      const text =
        "gateways let in more accounts than WATCHED_ACCOUNTS_MAX allows here: set the same number everywhere";
      log.warn({ wanted: demanded.length, limit: maxDemanded }, text);
    }
    full = left.length > 0;
  };

  const followDemand = async (signal: AbortSignal): Promise<void> => {
    const point = await startingPoint(signal);
    if (point === null) return;
    let fromSlot = (address: string): number => point.slotOf(address);
    let nudged = false;
    let pause: AbortController | null = null;
    let stopListening: (() => void) | null = null;
    const nudge = (): void => {
      nudged = true;
      pause?.abort();
    };
    const leave = whenAborted(signal, nudge);
    while (!signal.aborted) {
      nudged = false;
      const { slot } = pool;
      try {
        stopListening ??= await demand.listen(nudge);
        apply(await demand.wanted(), fromSlot);
        if (slot !== null) fromSlot = () => slot;
        wasRead();
      } catch (error) {
        throttledLog.warn(
          { error: errorText(error) },
          "cannot read which accounts clients follow; those known stay watched",
        );
      }
      await sleep(READ_PAUSE_MS, signal);
      if (nudged || signal.aborted) continue;
      pause = new AbortController();
      await sleep(READ_INTERVAL_MS - READ_PAUSE_MS, pause.signal);
      pause = null;
    }
    leave();
    stopListening?.();
  };

  return {
    ...source,
    watched,
    demandRead,
    async run(intake, signal) {
      await Promise.all([source.run(intake, signal), followDemand(signal)]);
    },
    // Accounts of clients come and go: whether the service is ready does not depend on them.
    status: () => ({ ...source.status(), needed: addresses.length }),
  };
}
