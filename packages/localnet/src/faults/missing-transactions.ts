import type { FaultSwitches } from "./switches.ts";

/** Transactions that are remembered, so that a node that runs for days stays small. */
const MAX_REMEMBERED = 100_000;

/** Decides for each request of an existing transaction whether the endpoint has it yet. */
export const createMissingTransactions = (faults: FaultSwitches) => {
  /** Requests that are still answered null, by signature. */
  const left = new Map<string, number>();
  faults.onSwitch((name) => {
    if (name === "missingTransaction") left.clear();
  });

  const firstRequest = (): number => {
    if (left.size >= MAX_REMEMBERED) left.clear();
    const strike = faults.strike("missingTransaction");
    return strike ? (strike.attempts ?? Number.POSITIVE_INFINITY) : 0;
  };

  return (signature: string): boolean => {
    const attempts = left.get(signature);
    if (attempts === undefined && !faults.setting("missingTransaction")) return false;
    const before = attempts ?? firstRequest();
    left.set(signature, Math.max(0, before - 1));
    return before > 0;
  };
};
