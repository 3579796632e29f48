import { whenAborted } from "@commcoin/service/lifecycle";
import type { RpcTransport } from "@solana/kit";
import { createPriorityLine, type Waiting } from "./priority-line.ts";
import type { RequestClass } from "./request-class.ts";

/** How many requests one node gets in a second. */
export interface Budget {
  /** Resolves when one more request may be sent; rejects when the signal aborts. */
  take(kind: RequestClass, signal?: AbortSignal): Promise<void>;
  waiting(kind: RequestClass): Waiting;
}

export interface BudgetOptions {
  /** 0 for no limit. */
  readonly perSecond: number;
  /** Called for each request that has to wait. */
  readonly onDelay: (kind: RequestClass) => void;
  readonly now?: () => number;
  /** Calls back later; the real clock by default. */
  readonly later?: (callback: () => void, ms: number) => void;
}

const WINDOW_MS = 1_000;

/** Never more requests within any second than the limit, the most urgent first. */
export function createBudget({
  perSecond,
  onDelay,
  now = () => performance.now(),
  later = (callback, ms) => void setTimeout(callback, ms),
}: BudgetOptions): Budget {
  const line = createPriorityLine<() => void>();
  /** When the last requests were sent, as many as the limit, in a ring. */
  const sent = new Float64Array(perSecond).fill(-Infinity);
  let oldest = 0;
  let scheduled = false;

  /** Milliseconds until one more may be sent. */
  const pause = (): number => (sent[oldest] ?? -Infinity) + WINDOW_MS - now();
  const send = (): void => {
    sent[oldest] = now();
    oldest = (oldest + 1) % perSecond;
  };
  const schedule = (): void => {
    if (scheduled || line.size === 0) return;
    scheduled = true;
    // A timer may fire a little early.
    later(release, Math.max(1, Math.ceil(pause())));
  };
  const release = (): void => {
    scheduled = false;
    while (line.size > 0 && pause() <= 0) {
      send();
      line.take()?.();
    }
    schedule();
  };

  return {
    take(kind, signal) {
      if (perSecond === 0) return Promise.resolve();
      if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
      if (line.size === 0 && pause() <= 0) {
        send();
        return Promise.resolve();
      }
      onDelay(kind);
      return new Promise((resolve, reject) => {
        const enter = (): void => {
          stopListening();
          resolve();
        };
        const leaveLine = line.push(kind, enter, now());
        const stopListening = whenAborted(signal, () => {
          leaveLine();
          reject(signal?.reason as Error);
        });
        schedule();
      });
    },
    waiting: (kind) => line.waiting(kind, now()),
  };
}

/** Sends a request when the budget, which several transports may share, allows it. */
export const withBudget = (transport: RpcTransport, budget: Budget, kind: RequestClass): RpcTransport =>
  async function <Response>(config: Parameters<RpcTransport>[0]) {
    await budget.take(kind, config.signal);
    return transport<Response>(config);
  };
