import type { Logger } from "@commcoin/service/telemetry";
import { UnknownVersionError } from "../decode/decode-error.ts";
import { errorText } from "../error-text.ts";
import type { ListenerMetrics } from "../metrics.ts";

/** Why a transaction could not be decoded; plain data, so that a thread can hand it on. */
export interface DecodeProblem {
  readonly error: string;
  /** The version that is not known; null when something else is wrong. */
  readonly unknownVersion: number | null;
}

export const problemOf = (error: unknown): DecodeProblem => ({
  error: errorText(error),
  unknownVersion: error instanceof UnknownVersionError ? error.version : null,
});

/** Counts and logs a transaction that could not be decoded. */
export type ReportProblem = (
  about: { readonly signature: string | null; readonly slot: number },
  problem: DecodeProblem,
) => void;

/** Each problem is logged, but an unknown version once: when it comes into use, any number of transactions have it. */
export function createProblemReport({
  log,
  metrics,
}: {
  readonly log: Logger;
  readonly metrics: Pick<ListenerMetrics, "decodeErrors">;
}): ReportProblem {
  const told = new Set<number>();
  return (about, { error, unknownVersion }) => {
    metrics.decodeErrors.inc();
    if (unknownVersion !== null && told.has(unknownVersion)) return;
    if (unknownVersion !== null) told.add(unknownVersion);
    log.error({ ...about, error }, "a transaction cannot be decoded");
  };
}
