import type { Clock } from "@commcoin/service/lifecycle";

/** A person who pastes the wrong token a few times is let through; a program that guesses is not. */
const MAX_FAILURES = 10;
const WINDOW_MS = 60_000;
/** Bounds memory; the address that has been known longest is forgotten first. */
const MAX_ADDRESSES = 10_000;

export interface FailedAttempts {
  /** Milliseconds until this address may try again; 0 when it may now. */
  blockedMs(address: string): number;
  record(address: string): void;
}

/** Counts wrong tokens by address, in windows of a minute that start with the first one. */
export function createFailedAttempts(clock: Clock): FailedAttempts {
  const windows = new Map<string, { readonly endsAt: number; failures: number }>();
  return {
    blockedMs(address) {
      const window = windows.get(address);
      if (window === undefined || window.failures < MAX_FAILURES) return 0;
      return Math.max(0, window.endsAt - clock.monotonic());
    },
    record(address) {
      const now = clock.monotonic();
      const window = windows.get(address);
      if (window !== undefined && window.endsAt > now) {
        window.failures += 1;
        return;
      }
      windows.delete(address);
      windows.set(address, { endsAt: now + WINDOW_MS, failures: 1 });
      if (windows.size > MAX_ADDRESSES) {
        for (const oldest of windows.keys()) {
          windows.delete(oldest);
          break;
        }
      }
    },
  };
}
