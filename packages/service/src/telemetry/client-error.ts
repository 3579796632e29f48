import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";

/** What Node's HTTP parser says of bytes that it gives up, and what to answer. */
const ANSWERS: Readonly<Record<string, readonly [status: number, code: string, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, "timeout", "The request took too long to arrive."],
  HPE_HEADER_OVERFLOW: [
    431,
    "headers_too_large",
    "The URL and the headers are too long: 16 KiB in all may come.",
  ],
  HPE_INVALID_VERSION: [400, "bad_request", "The server speaks HTTP/1.1; this is another version, or none."],
};
const NO_HTTP = [400, "bad_request", "This is not an HTTP request that the server understands."] as const;

/** For `clientError` of a server: answers bytes that never became a request. Only the socket is there to answer on. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  const [status, code, message] = ANSWERS[error.code ?? ""] ?? NO_HTTP;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify({ code, message });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n` +
      `content-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    // Nothing that still comes is read.
    () => socket.destroy(),
  );
}
