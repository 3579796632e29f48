import type { Logger } from "@commcoin/service/telemetry";

/** Clients that come again and again while no account more is watched make one line a minute. */
const REFUSED_LOG_INTERVAL_MS = 60_000;

/** Logs what becomes of the demand, each trouble once. */
export interface DemandLog {
  refused(accounts: number): void;
  failed(error: unknown): void;
  recovered(): void;
}

export function createDemandLog({
  limit,
  onRefused,
  log,
  now,
}: {
  readonly limit: number;
  readonly onRefused: (count: number) => void;
  readonly log: Logger;
  readonly now: () => number;
}): DemandLog {
  let refusedLoggedAt = Number.NEGATIVE_INFINITY;
  let isFailing = false;
  return {
    refused(accounts) {
      onRefused(accounts);
      if (now() - refusedLoggedAt < REFUSED_LOG_INTERVAL_MS) return;
      refusedLoggedAt = now();
      log.warn(
        { refused: accounts, limit },
        "clients want more accounts watched than WATCHED_ACCOUNTS_MAX allows all gateways together",
      );
    },
    failed(error) {
      if (!isFailing) log.warn({ err: error }, "cannot tell the broker which accounts are wanted");
      isFailing = true;
    },
    recovered() {
      if (isFailing) log.info("the demand for accounts reaches the broker again");
      isFailing = false;
    },
  };
}
