import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { FrameReader } from "./frame-reader.ts";

export interface ClientEvents {
  messages(count: number): void;
  payload(bytes: Buffer): void;
  /** It failed, or the server closed it. */
  ended(reason: string): void;
}

export interface ClientOptions {
  readonly port: number;
  readonly path: string;
  /** Loopback address to come from: each has ports of its own. */
  readonly from: string;
  readonly wantsPayload: boolean;
  /** Whether it stops after each read, until it is told to resume. */
  readonly isPatient?: () => boolean;
  readonly events: ClientEvents;
}

const HEADER_END = "\r\n\r\n";
/** What a read brings; all clients of a process share it, because each is done with it before the next one reads. */
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536);
const EMPTY_PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

/** A WebSocket client on a plain socket, as small as it can be. */
export function openClient({
  port,
  path,
  from,
  wantsPayload,
  isPatient = () => false,
  events,
}: ClientOptions): Socket {
  let receive = (chunk: Buffer): void => onHandshake(chunk);
  const socket = connect({
    host: "127.0.0.1",
    port,
    localAddress: from,
    noDelay: true,
    onread: {
      buffer: READ_BUFFER,
      callback(bytes) {
        receive(READ_BUFFER.subarray(0, bytes));
        // A full buffer is not all there is.
        return bytes === READ_BUFFER.length || !isPatient();
      },
    },
  });
  let failure = "the server ended the connection";
  const reader = new FrameReader(wantsPayload, {
    ...events,
    ping: () => socket.write(EMPTY_PONG),
    close(code) {
      failure = `closed with ${code}`;
      socket.end();
    },
  });
  let handshake = "";
  socket.on("connect", () => {
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\nSec-WebSocket-Version: 13${HEADER_END}`,
    );
  });
  const onHandshake = (chunk: Buffer): void => {
    handshake += chunk.toString("latin1");
    const end = handshake.indexOf(HEADER_END);
    if (end < 0) return;
    if (!handshake.startsWith("HTTP/1.1 101")) {
      failure = `refused: ${handshake.slice(0, 200)}`;
      socket.destroy();
      return;
    }
    receive = (bytes) => reader.push(bytes);
    const first = Buffer.from(handshake.slice(end + HEADER_END.length), "latin1");
    if (first.length > 0) reader.push(first);
  };
  socket.on("error", (error) => {
    failure = error.message;
  });
  socket.on("close", () => events.ended(failure));
  return socket;
}
