import type { Content, SignatureNotification } from "../model/notification.ts";
import { createWaitingLine, type WaitingLineOptions } from "./waiting-line.ts";

/** A signature on its way from being announced to being had. */
export interface Taken {
  readonly notification: SignatureNotification;
  readonly content: Content | undefined;
  /** What a node gave, where it was asked before. */
  readonly json: unknown;
  /** Whether it does not stand on the word of one stream alone. */
  vouched: boolean;
}

/** Signatures that wait to be fetched: first those that several nodes announced, then as they came. */
export interface SignatureLine {
  push(notification: SignatureNotification, content?: Content, json?: unknown): void;
  /** The next one; it counts as under way until it is `done`. Null when the line was closed and is empty. */
  take(): Promise<Taken | null>;
  done(taken: Taken): void;
  /** A node announced it again, or a list (null) has it; where that is not the one that announced it, it goes first. */
  vouch(signature: string, endpoint: string | null): void;
  /** Takes out what waits and is not wanted any more. @returns what that was. */
  remove(isUnwanted: (taken: Taken) => boolean): readonly Taken[];
  /** How many wait or are under way that one node alone announced. */
  aloneOf(endpoint: string): number;
  untilCapacity(signal: AbortSignal): Promise<void>;
  close(): void;
  readonly size: number;
}

export function createSignatureLine(options: WaitingLineOptions): SignatureLine {
  const line = createWaitingLine<Taken>(options);
  /** Vouched for while they waited, which they still seem to do in `line`. */
  const first: Taken[] = [];
  const waiting = new Set<Taken>();
  /** What one node alone announced. */
  const alone = new Map<string, Taken>();
  const counts = new Map<string, number>();

  const count = (endpoint: string, by: number): void => {
    const left = (counts.get(endpoint) ?? 0) + by;
    if (left > 0) counts.set(endpoint, left);
    else counts.delete(endpoint);
  };
  const done = ({ notification: { signature, endpoint } }: Taken, taken: Taken): void => {
    if (alone.get(signature) !== taken || endpoint === null) return;
    alone.delete(signature);
    count(endpoint, -1);
  };
  return {
    push(notification, content, json) {
      const { signature, endpoint, origin } = notification;
      const isKnown = content !== undefined || json !== undefined;
      const vouched = isKnown || endpoint === null || origin !== "live";
      const taken: Taken = { notification, content, json, vouched };
      waiting.add(taken);
      if (!taken.vouched && endpoint !== null) {
        const before = alone.get(signature);
        if (before !== undefined) done(before, before);
        alone.set(signature, taken);
        count(endpoint, 1);
      }
      line.push(taken);
    },
    async take() {
      for (;;) {
        const next = first.shift() ?? (await line.take());
        if (next === null || waiting.delete(next)) return next;
      }
    },
    done: (taken) => done(taken, taken),
    vouch(signature, endpoint) {
      const taken = alone.get(signature);
      if (taken === undefined || taken.notification.endpoint === endpoint) return;
      taken.vouched = true;
      done(taken, taken);
      if (waiting.has(taken)) first.push(taken);
    },
    remove(isUnwanted) {
      const removed = [...waiting].filter(isUnwanted);
      for (const taken of removed) {
        waiting.delete(taken);
        done(taken, taken);
      }
      line.retain((taken) => waiting.has(taken));
      return removed;
    },
    aloneOf: (endpoint) => counts.get(endpoint) ?? 0,
    untilCapacity: (signal) => line.untilCapacity(signal),
    close: () => line.close(),
    get size() {
      return waiting.size;
    },
  };
}
