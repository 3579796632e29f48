import { once } from "node:events";
import { connect, type Socket } from "node:net";

const HOST = "127.0.0.1";

/** A TCP connection that says exactly what it is told to. */
export interface RawSocket {
  readonly socket: Socket;
  /** The first bytes that came, as latin1; the rest is read and forgotten. */
  head(): string;
  readonly isClosed: boolean;
  readonly closed: Promise<void>;
  write(bytes: string | Buffer): void;
  end(): void;
  destroy(): void;
}

const HEAD_BYTES = 4_096;

export async function openRaw(port: number): Promise<RawSocket> {
  const socket = connect(port, HOST);
  socket.setNoDelay();
  let head = "";
  socket.on("data", (chunk: Buffer) => {
    if (head.length < HEAD_BYTES) head += chunk.toString("latin1");
  });
  await once(socket, "connect");
  // Being cut off is what these connections are for.
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
  return {
    socket,
    head: () => head,
    get isClosed() {
      return socket.destroyed;
    },
    closed,
    write: (bytes) => {
      if (!socket.destroyed) socket.write(bytes);
    },
    end: () => socket.end(),
    destroy: () => socket.destroy(),
  };
}

export const upgradeRequest = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/** A raw connection after its handshake. @throws when the server did not greet it. */
export async function openUpgraded(port: number, path: string): Promise<RawSocket> {
  const raw = await openRaw(port);
  raw.write(upgradeRequest(path));
  while (!raw.head().includes('"connected"')) {
    if (raw.isClosed) throw new Error(`The gateway closed a healthy handshake: ${raw.head()}`);
    await Promise.race([once(raw.socket, "data"), raw.closed]);
  }
  return raw;
}
