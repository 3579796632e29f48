import { once } from "node:events";
import { WebSocket } from "ws";

export interface Frame {
  readonly type: string;
  readonly id?: string | number;
  readonly topic?: string;
  readonly offset?: number;
  readonly data: Record<string, unknown>;
}

/** What a test waits for comes sooner, on a machine that stalls as well. */
const PATIENCE_MS = 20_000;
const LAST_FRAMES = 5;

/** An independent client (`ws`) that keeps every frame it receives. */
export interface MessageClient {
  readonly frames: readonly Frame[];
  send(frame: object): void;
  /** Resolves with the first frame, past or future, that fits. @throws after 20 s, with the frames that came last. */
  waitFor(fits: (frame: Frame) => boolean): Promise<Frame>;
  close(): Promise<void>;
}

export async function openClient(url: string): Promise<MessageClient> {
  const socket = new WebSocket(url);
  const frames: Frame[] = [];
  const waiting = new Set<() => void>();
  socket.on("message", (data: Buffer) => {
    frames.push(JSON.parse(data.toString()) as Frame);
    for (const look of waiting) look();
  });
  await once(socket, "open");
  const closed = once(socket, "close");
  return {
    frames,
    send: (frame) => socket.send(JSON.stringify(frame)),
    waitFor: (fits) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          const last = frames.slice(-LAST_FRAMES).map((frame) => JSON.stringify(frame));
          reject(
            new Error(
              `No frame of ${frames.length} fits ${String(fits)} after ${PATIENCE_MS / 1_000} s; the last: ${last.join(" ")}`,
            ),
          );
        }, PATIENCE_MS);
        let seen = 0;
        const look = (): void => {
          for (; seen < frames.length; seen += 1) {
            const frame = frames[seen];
            if (frame === undefined || !fits(frame)) continue;
            waiting.delete(look);
            clearTimeout(timer);
            resolve(frame);
            return;
          }
        };
        waiting.add(look);
        look();
      }),
    async close() {
      socket.terminate();
      await closed;
    },
  };
}
