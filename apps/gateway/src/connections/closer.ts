import { CLOSE_CODES, MESSAGE_TOO_LARGE, type CloseName } from "@commcoin/protocol";
import { closeReason } from "./close-reason.ts";
import type { Connection } from "./connection.ts";

/** Closes connections with a code; one that is closed already stays as it is. */
export interface Closer {
  close(connection: Connection, name: CloseName, reason?: string): void;
  /** With the code that WebSocket itself has for a message that is too large. */
  closeTooLarge(connection: Connection): void;
}

/** @param onClose called with the code of each close frame that is sent. */
export function createCloser(onClose: (code: number) => void): Closer {
  const end = (connection: Connection, code: number, reason: string): void => {
    if (connection.closed) return;
    onClose(code);
    connection.socket.end(code, closeReason(reason));
  };
  return {
    close: (connection, name, reason = CLOSE_CODES[name].reason) =>
      end(connection, CLOSE_CODES[name].code, reason),
    closeTooLarge: (connection) => end(connection, MESSAGE_TOO_LARGE, "message too large"),
  };
}
