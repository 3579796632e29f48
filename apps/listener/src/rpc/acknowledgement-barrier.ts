/** Delivers frames in order, with a pause after each acknowledgement. */
export interface AcknowledgementBarrier {
  push(message: unknown): void;
  /** Delivers what is held back, at once. */
  flush(): void;
}

const isReply = (message: unknown): boolean =>
  typeof message === "object" && message !== null && !("method" in message);

/**
 * A node often packs the acknowledgement of a subscription and its first notifications into one segment, and all
 * frames of a segment are delivered in one go: whoever waits for the acknowledgement gets to run only afterwards, when
 * those notifications are gone. So frames behind an acknowledgement wait for one turn of the event loop, in which
 * every promise that hangs on it settles and its subscriber begins to listen.
 */
export function createAcknowledgementBarrier(
  deliver: (message: unknown) => void,
  defer: (resume: () => void) => void = setImmediate,
): AcknowledgementBarrier {
  let held: unknown[] | null = null;

  const release = (): void => {
    const waiting = held ?? [];
    held = null;
    for (const message of waiting) push(message);
  };
  const push = (message: unknown): void => {
    if (held !== null) {
      held.push(message);
      return;
    }
    const last = isReply(message);
    if (last) {
      held = [];
      defer(release);
    }
    deliver(message);
  };
  return {
    push,
    flush() {
      const waiting = held ?? [];
      held = null;
      for (const message of waiting) deliver(message);
    },
  };
}
