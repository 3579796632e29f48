import type { ListenerStatus } from "@commcoin/broker";
import type { RunningListener } from "../start-listener.ts";

/** Collects what a listener says of itself in the registry, at its source: heartbeats are too rare for it. */
export interface StatusWatch {
  /** Since `forget`, the oldest first. */
  told(): readonly ListenerStatus[];
  forget(): void;
  stop(): void;
}

/** Shorter than the shortest pause before a connection is opened again. */
const INTERVAL_MS = 20;

export function watchStatus({ listener }: Pick<RunningListener, "listener">): StatusWatch {
  let told: ListenerStatus[] = [listener.status()];
  const timer = setInterval(() => told.push(listener.status()), INTERVAL_MS);
  return {
    told: () => told,
    forget() {
      told = [listener.status()];
    },
    stop: () => clearInterval(timer),
  };
}
