import { sleep } from "@commcoin/service/lifecycle";
import type { RpcTransport } from "@solana/kit";

export interface Budget {
  /** Resolves when one more request may be sent; rejects when the signal aborts. */
  take(signal?: AbortSignal): Promise<void>;
}

export interface BudgetOptions {
  /** 0 for no limit. */
  readonly perSecond: number;
  /** Called for each request that has to wait. */
  readonly onDelay: () => void;
  readonly now?: () => number;
  readonly wait?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Requests evenly in time; what was not used within the last second may be used at once. */
export function createBudget({
  perSecond,
  onDelay,
  now = () => performance.now(),
  wait = sleep,
}: BudgetOptions): Budget {
  const intervalMs = perSecond === 0 ? 0 : 1_000 / perSecond;
  /** When the next request is due, if all before it are sent when they are due. */
  let due = -Infinity;
  return {
    async take(signal) {
      if (perSecond === 0) return;
      due = Math.max(due + intervalMs, now() - 1_000 + intervalMs);
      const delayMs = due - now();
      if (delayMs <= 0) return;
      onDelay();
      await wait(delayMs, signal);
      signal?.throwIfAborted();
    },
  };
}

/** Sends a request when the budget, which several transports may share, allows it. */
export const withBudget = (transport: RpcTransport, budget: Budget): RpcTransport =>
  async function <Response>(config: Parameters<RpcTransport>[0]) {
    await budget.take(config.signal);
    return transport<Response>(config);
  };
