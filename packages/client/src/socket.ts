import { ABNORMAL_CLOSURE } from "./close-rule.ts";
import type { Event } from "./events.ts";
import { readFrame } from "./frame.ts";

/** What is needed of a WebSocket: browsers have it, and `ws` for Node. */
export interface WebSocketLike {
  readonly readyState: number;
  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: "close",
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void;
  addEventListener(type: "error", listener: () => void): void;
  send(text: string): void;
  close(code?: number): void;
}
export type WebSocketConstructor = new (url: string) => WebSocketLike;

/** The state in which a socket takes messages. */
export const OPEN = 1;

/** Opens a socket that reports as `session`. Returns undefined when the page may not; that is reported, too. */
export function openSocket(
  WebSocket: WebSocketConstructor,
  url: string,
  session: number,
  report: (event: Event) => void,
): WebSocketLike | undefined {
  const onClose = ({ code, reason }: { readonly code: number; readonly reason: string }): void =>
    report({ type: "socketClosed", session, code, reason });
  try {
    const socket = new WebSocket(url);
    socket.addEventListener("open", () => report({ type: "socketOpen", session }));
    socket.addEventListener("message", ({ data }) =>
      report({ type: "frame", session, frame: readFrame(data) }),
    );
    // `ws` throws what nobody listens to. The close that follows says as much as a browser tells.
    socket.addEventListener("error", () => {});
    socket.addEventListener("close", onClose);
    return socket;
  } catch (error) {
    // Browsers throw when a policy of the page forbids the connection.
    onClose({ code: ABNORMAL_CLOSURE, reason: String(error) });
  }
  return undefined;
}
