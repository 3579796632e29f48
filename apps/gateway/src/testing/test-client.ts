import { once } from "node:events";
import { WebSocket, type ClientOptions } from "ws";

/** A frame as it came, without a schema: tests look at what is really there. */
export interface Frame {
  readonly type: string;
  readonly id?: string | number;
  readonly topic?: string;
  readonly offset?: number;
  readonly data: Record<string, unknown>;
}

const PATIENCE_MS = 10_000;

/** A client that remembers all frames and reads them one after the other. */
export interface TestClient {
  readonly socket: WebSocket;
  /** Everything received so far, read or not, but `presence`. */
  readonly frames: readonly Frame[];
  /** What was told of users who came and left, this client's included: it comes when it likes, among the frames. */
  readonly presence: readonly Frame[];
  /** The next frame; waits for it. */
  next(): Promise<Frame>;
  /** The next frame for which `wanted` is true; those before it are skipped. */
  nextWhere(wanted: (frame: Frame) => boolean): Promise<Frame>;
  nextOfType(type: string): Promise<Frame>;
  send(frame: unknown): void;
  /** Sends a ping and reads on to its answer: whatever was to come before has come. */
  settled(): Promise<readonly Frame[]>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  close(): Promise<void>;
}

/** Opens a connection. Resolves when it is open; rejects when it was refused. */
export async function connect(url: string, options: ClientOptions = {}): Promise<TestClient> {
  const socket = new WebSocket(url, { perMessageDeflate: false, ...options });
  const frames: Frame[] = [];
  const presence: Frame[] = [];
  const waiting = new Set<() => void>();
  let cursor = 0;
  let pings = 0;
  socket.on("message", (data) => {
    const frame = JSON.parse((data as Buffer).toString()) as Frame;
    if (String(frame.id).startsWith("presence:")) presence.push(frame);
    else frames.push(frame);
    for (const wake of waiting) wake();
  });
  socket.on("error", () => {});
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once("close", (code, reason) => {
      resolve({ code, reason: reason.toString() });
      for (const wake of waiting) wake();
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
    socket.once("unexpected-response", (_, response) => {
      reject(new Error(`refused with ${response.statusCode ?? 0}`));
      response.resume();
    });
  });
  const arrival = async (): Promise<void> => {
    if (socket.readyState === WebSocket.CLOSED) throw new Error("closed while a frame was expected");
    let wake = (): void => {};
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        wake = resolve;
        waiting.add(wake);
        const seen = frames.slice(-3).map((frame) => JSON.stringify(frame).slice(0, 200));
        timer = setTimeout(() => reject(new Error(`no frame came; last: ${seen.join(" ")}`)), PATIENCE_MS);
      });
    } finally {
      clearTimeout(timer);
      waiting.delete(wake);
    }
  };
  const next = async (): Promise<Frame> => {
    for (;;) {
      const frame = frames[cursor];
      if (frame !== undefined) {
        cursor += 1;
        return frame;
      }
      await arrival();
    }
  };
  const nextWhere = async (wanted: (frame: Frame) => boolean): Promise<Frame> => {
    for (;;) {
      const frame = await next();
      if (wanted(frame)) return frame;
    }
  };
  const send = (frame: unknown): void =>
    socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  return {
    socket,
    frames,
    presence,
    next,
    nextWhere,
    nextOfType: (type) => nextWhere((frame) => frame.type === type),
    send,
    async settled() {
      const from = cursor;
      const id = `settled-${(pings += 1)}`;
      send({ type: "ping", id });
      await nextWhere((frame) => frame.type === "pong" && frame.id === id);
      return frames.slice(from, cursor - 1);
    },
    closed,
    async close() {
      if (socket.readyState === WebSocket.CLOSED) return;
      socket.close();
      await once(socket, "close");
    },
  };
}
