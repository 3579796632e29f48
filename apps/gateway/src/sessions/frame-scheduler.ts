import { setImmediate } from "node:timers";
import type { Connection } from "../connections/connection.ts";

/** What clients ask for takes no longer in one iteration of the event loop: messages are delivered in between. */
const ITERATION_MS = 5;
/** Of one connection, frames that wait for a later iteration. */
const MAX_WAITING = 64;
/** Of all connections together, what may wait for a later iteration. */
const MAX_WAITING_CHARS = 16_777_216;

/** A frame of a client, as it came. */
export interface InboundFrame {
  readonly text: string;
  /** It came beyond the rate: it is refused, not carried out. */
  readonly isLimited: boolean;
}

/**
 * Frames of clients in the order in which each connection sent them: at once, as long as this iteration of the event loop has time
 * for it, else in a later one, where each connection in turn has one of its frames handled.
 */
export interface FrameScheduler {
  schedule(connection: Connection, frame: InboundFrame): void;
  /** For a connection that is gone. */
  forget(connection: Connection): void;
}

export function createFrameScheduler(
  handle: (connection: Connection, frame: InboundFrame) => void,
  clock: () => number = () => performance.now(),
): FrameScheduler {
  const waiting = new Map<Connection, InboundFrame[]>();
  let waitingChars = 0;
  let leftMs = ITERATION_MS;
  let isCounting = false;

  const run = (connection: Connection, frame: InboundFrame): void => {
    if (!isCounting) setImmediate(nextIteration);
    isCounting = true;
    const from = clock();
    handle(connection, frame);
    leftMs -= clock() - from;
  };
  const forget = (connection: Connection): void => {
    for (const { text } of waiting.get(connection) ?? []) waitingChars -= text.length;
    waiting.delete(connection);
  };
  function nextIteration(): void {
    isCounting = false;
    leftMs = ITERATION_MS;
    for (const [connection, frames] of waiting) {
      if (leftMs <= 0) break;
      // Its next one waits behind those of the others.
      waiting.delete(connection);
      const frame = frames.shift();
      if (frame === undefined) continue;
      if (frames.length > 0) waiting.set(connection, frames);
      waitingChars -= frame.text.length;
      run(connection, frame);
    }
  }

  return {
    forget,
    schedule(connection, frame) {
      const before = waiting.get(connection);
      if (before === undefined && leftMs > 0) {
        run(connection, frame);
      } else if ((before?.length ?? 0) < MAX_WAITING && waitingChars < MAX_WAITING_CHARS) {
        if (before === undefined) waiting.set(connection, [frame]);
        else before.push(frame);
        waitingChars += frame.text.length;
      } else {
        // What cannot wait takes the time that it takes; the network makes its sender wait meanwhile.
        forget(connection);
        for (const each of [...(before ?? []), frame]) if (!connection.closed) run(connection, each);
      }
    },
  };
}
