import type { Fanout, Socket } from "../transport/socket.ts";

/** Remembers what it was told to do. */
export interface FakeSocket extends Socket {
  sent: number;
  readonly frames: string[];
  readonly topics: Set<string>;
  pings: number;
  /** What `buffered` answers. */
  waiting: number;
  closedWith: number | null;
}

export interface FakeTransport extends Fanout {
  createSocket(): FakeSocket;
  /** Ends the iteration of the event loop: what was published reaches the sockets. */
  endTurn(): void;
}

const text = (frame: string | Uint8Array): string =>
  typeof frame === "string" ? frame : Buffer.from(frame).toString();

/**
 * Behaves as uWebSockets.js was measured to: what is published waits for the end of the turn; a send writes it out
 * first, for that socket; leaving a topic drops what waited for it.
 */
export function createFakeTransport(): FakeTransport {
  const pending = new Map<FakeSocket, { topic: string; frame: string }[]>();
  const sockets = new Set<FakeSocket>();
  const flush = (socket: FakeSocket): void => {
    for (const { frame } of pending.get(socket) ?? []) socket.frames.push(frame);
    pending.delete(socket);
  };
  return {
    publish(topic, frame) {
      for (const socket of sockets) {
        if (!socket.topics.has(topic)) continue;
        const waiting = pending.get(socket) ?? [];
        waiting.push({ topic, frame: text(frame) });
        pending.set(socket, waiting);
      }
    },
    endTurn() {
      for (const socket of sockets) flush(socket);
    },
    createSocket() {
      const socket: FakeSocket = {
        sent: 0,
        ended: null,
        frames: [],
        topics: new Set(),
        pings: 0,
        waiting: 0,
        closedWith: null,
        send(frame) {
          if (socket.closedWith !== null) return;
          flush(socket);
          socket.sent += 1;
          socket.frames.push(text(frame));
        },
        join: (topic) => void socket.topics.add(topic),
        leave(topic) {
          socket.topics.delete(topic);
          const kept = (pending.get(socket) ?? []).filter((waiting) => waiting.topic !== topic);
          pending.set(socket, kept);
        },
        ping() {
          flush(socket);
          socket.pings += 1;
        },
        buffered: () => socket.waiting,
        batch: (work) => work(),
        end(code) {
          flush(socket);
          socket.closedWith = code;
          sockets.delete(socket);
        },
      };
      sockets.add(socket);
      return socket;
    },
  };
}

export const createFakeSocket = (): FakeSocket => createFakeTransport().createSocket();
