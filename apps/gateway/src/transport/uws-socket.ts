import type { WebSocket } from "uWebSockets.js";
import type { Peer, Socket, SocketEnd } from "./socket.ts";

/** What uWebSockets.js carries for us with every socket. */
export interface SocketData<Admission> {
  /** null once the connection was opened with it. */
  admission: Admission | null;
  socket: UwsSocket | null;
  peer: Peer | null;
  /** Set when it was closed while it was being opened. */
  closedWith: number | null;
}

/** `send` answers 2 when the frame was dropped because too much waits already. */
const DROPPED = 2;

/** The only reason that uWebSockets.js gives for an end without a goodbye of which it is not the cause itself. */
const CUT_OFF = "Received TCP FIN before WebSocket close frame";
const NO_GOODBYE = 1006;

/** What is used of a native socket, whatever data it carries. */
type NativeSocket = Pick<
  WebSocket<unknown>,
  "send" | "subscribe" | "unsubscribe" | "ping" | "getBufferedAmount" | "end" | "close"
> & { cork(work: () => void): unknown };

/**
 * Later builds write strings of Latin letters as Latin-1 in some calls and as UTF-8 in others: frames would not be valid,
 * and topics not be the same where they are joined and published. Bytes are bytes to every build.
 */
export const utf8 = (text: string): Uint8Array => Buffer.from(text);

/** A class, because there is one for each of many connections: its methods exist once. */
export class UwsSocket implements Socket {
  sent = 0;
  ended: SocketEnd | null = null;
  /** null once closed: using a closed native socket throws. */
  #ws: NativeSocket | null;

  constructor(ws: NativeSocket) {
    this.#ws = ws;
  }

  detach(code: number, reason: string): void {
    this.#ws = null;
    const byGateway = code === NO_GOODBYE && reason !== "" && reason !== CUT_OFF;
    this.ended ??= { code, reason, byGateway };
  }

  send(frame: string | Uint8Array): void {
    const ws = this.#ws;
    if (ws === null) return;
    this.sent += 1;
    // A frame that was dropped is a hole that must not be followed by anything.
    if (ws.send(typeof frame === "string" ? utf8(frame) : frame, false) === DROPPED && this.#ws !== null)
      ws.close();
  }

  join(topic: string): void {
    this.#ws?.subscribe(utf8(topic));
  }

  leave(topic: string): void {
    this.#ws?.unsubscribe(utf8(topic));
  }

  ping(): void {
    this.#ws?.ping();
  }

  buffered(): number {
    return this.#ws?.getBufferedAmount() ?? 0;
  }

  batch(work: () => void): void {
    this.#ws?.cork(work);
  }

  end(code: number, reason: string): void {
    if (this.#ws === null) return;
    this.ended = { code, reason, byGateway: true };
    this.#ws.end(code, utf8(reason));
  }
}
