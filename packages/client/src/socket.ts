/** What is needed of a WebSocket: browsers have it, and `ws` for Node. */
export interface WebSocketLike {
  readonly readyState: number;
  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: "close",
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void;
  addEventListener(type: "error", listener: (event: { readonly message?: unknown }) => void): void;
  send(text: string): void;
  close(code?: number): void;
}
export type WebSocketConstructor = new (url: string) => WebSocketLike;

const OPEN = 1;
const NORMAL_CLOSURE = 1_000;
const ABNORMAL_CLOSURE = 1_006;

export interface SocketEvents {
  readonly onOpen: () => void;
  readonly onText: (text: string) => void;
  readonly onClosed: (code: number, reason: string, unauthorized: boolean) => void;
}

export interface Socket {
  send(text: string): void;
  /** Closes. What the socket reports afterwards is for the receiver to ignore. */
  close(): void;
}

/** @returns null when there is not even a socket; `onClosed` was called then. */
export function openSocket(
  WebSocket: WebSocketConstructor,
  url: string,
  events: SocketEvents,
): Socket | null {
  let socket: WebSocketLike;
  try {
    socket = new WebSocket(url);
  } catch (error) {
    // Browsers throw when a policy of the page forbids the connection.
    events.onClosed(ABNORMAL_CLOSURE, error instanceof Error ? error.message : String(error), false);
    return null;
  }
  let unauthorized = false;
  socket.addEventListener("open", () => events.onOpen());
  socket.addEventListener("message", ({ data }) => {
    if (typeof data === "string") events.onText(data);
  });
  socket.addEventListener("error", ({ message }) => {
    // How `ws` reports a refused upgrade; browsers report nothing.
    if (message === "Unexpected server response: 401") unauthorized = true;
  });
  socket.addEventListener("close", ({ code, reason }) => events.onClosed(code, reason, unauthorized));
  return {
    send(text) {
      if (socket.readyState === OPEN) socket.send(text);
    },
    close: () => socket.close(NORMAL_CLOSURE),
  };
}
