import { whenAborted } from "@commcoin/service/lifecycle";
import type { RpcTransport } from "@solana/kit";
import { createPriorityLine, type Waiting } from "./priority-line.ts";
import type { RequestClass } from "./request-class.ts";

/** How many requests are under way at a time. */
export interface Places {
  /** Resolves when there is a place; rejects when the signal aborts. */
  take(kind: RequestClass, signal?: AbortSignal): Promise<void>;
  give(kind: RequestClass): void;
  waiting(kind: RequestClass): Waiting;
}

/** Part of the places that only live requests take: what waits for a retry or a budget keeps its place. */
const RESERVED_SHARE = 0.25;

/** At most `limit` requests at a time; the others wait, and the most urgent goes first. */
export function createPlaces(limit: number): Places {
  const line = createPriorityLine<() => void>();
  const shared = Math.max(1, Math.floor(limit * (1 - RESERVED_SHARE)));
  let taken = 0;
  let takenByOthers = 0;

  const isOpen = (kind: RequestClass): boolean =>
    taken < limit && (kind === "live" || takenByOthers < shared);
  const count = (kind: RequestClass, change: 1 | -1): void => {
    taken += change;
    if (kind !== "live") takenByOthers += change;
  };

  return {
    take(kind, signal) {
      if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
      if (isOpen(kind)) {
        count(kind, 1);
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const enter = (): void => {
          count(kind, 1);
          stopListening();
          resolve();
        };
        const leaveLine = line.push(kind, enter, performance.now());
        const stopListening = whenAborted(signal, () => {
          leaveLine();
          reject(signal?.reason as Error);
        });
      });
    },
    give(kind) {
      count(kind, -1);
      line.take(isOpen)?.();
    },
    waiting: (kind) => line.waiting(kind, performance.now()),
  };
}

/** Sends a request when there is a place for it. */
export const withConcurrency = (transport: RpcTransport, places: Places, kind: RequestClass): RpcTransport =>
  async function <Response>(config: Parameters<RpcTransport>[0]) {
    await places.take(kind, config.signal);
    try {
      return await transport<Response>(config);
    } finally {
      places.give(kind);
    }
  };
