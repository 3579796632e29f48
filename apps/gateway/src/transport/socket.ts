/** How a WebSocket came to its end. */
export interface SocketEnd {
  /** 1006 where nobody said goodbye. */
  readonly code: number;
  /** Of whoever closed it, or what was wrong with it; 123 bytes at most. */
  readonly reason: string;
  /** Whether this side closed it. */
  readonly byGateway: boolean;
}

/** One WebSocket. Everything is a no-op once it is closed. */
export interface Socket {
  /** Frames that were sent to it with `send`. */
  readonly sent: number;
  /** null while it is open. */
  readonly ended: SocketEnd | null;
  /** Sends a text frame. When too much waits already, the socket is closed instead: nothing is ever skipped. */
  send(frame: string | Uint8Array): void;
  /** Receives what is published to the topic from now on. */
  join(topic: string): void;
  /**
   * Receives nothing more from the topic. A `send` or a `ping` must stand before it in the same iteration, because only these
   * write out what was published to this socket in the turn; without one those frames would be lost.
   */
  leave(topic: string): void;
  ping(): void;
  /** Bytes that wait to be sent. */
  buffered(): number;
  /** Writes everything that `work` sends at once. */
  batch(work: () => void): void;
  /** Says goodbye with a code, after what waits to be sent. */
  end(code: number, reason: string): void;
}

/** Sends one frame to every socket that joined a topic; the same bytes to all. */
export interface Fanout {
  publish(topic: string, frame: string | Uint8Array): void;
}

/** What a connection makes of the events of its socket. */
export interface Peer {
  message(data: ArrayBuffer, isBinary: boolean): void;
  pong(): void;
  /** Some of what waited was sent. */
  drain(): void;
  /** It is about to be cut without a code, because its message is far too large. */
  oversized(): void;
  /** The socket is gone, whoever closed it. Called once. */
  closed(code: number): void;
}

export interface HttpRequest {
  /** In lower case. */
  readonly method: string;
  readonly path: string;
  /** Empty when there is none. */
  readonly origin: string;
}

/** What a request to open a WebSocket says. */
export interface Handshake {
  /** Undecoded, without the question mark. */
  readonly query: string;
  /** Of the other end of the TCP connection, which may be a proxy. */
  readonly address: string;
  /** `X-Forwarded-For`, each header line by itself, in their order. */
  readonly forwardedFor: readonly string[];
  /** Empty when there is none. */
  readonly origin: string;
  readonly userAgent: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the gateway does with connections and requests. `Admission` is what it keeps between handshake and opening. */
export interface TransportHandlers<Admission> {
  /** Decides synchronously: an upgrade that waits for something may outlive its request. */
  admit(handshake: Handshake): { readonly admission: Admission } | { readonly refusal: HttpAnswer };
  open(socket: Socket, admission: Admission): Peer;
  request(request: HttpRequest): HttpAnswer | Promise<HttpAnswer>;
}

export interface TransportOptions {
  readonly port: number;
  /** Whether other processes listen on the same port, each for a part of the connections. */
  readonly sharedPort: boolean;
  readonly maxFrameBytes: number;
  readonly maxBackpressureBytes: number;
  /** A socket on which nothing moves for so long is dropped without a word; the heartbeat acts much earlier. */
  readonly idleTimeoutSeconds: number;
}

export interface Transport extends Fanout {
  /**
   * Gives connections and requests to these. To be called once.
   * @throws {StartError} when the port is taken.
   */
  listen<Admission>(handlers: TransportHandlers<Admission>): Promise<void>;
  /** The port that is listened on; 0 before. */
  readonly port: number;
  /** Accepts nothing more. Sockets that are open stay open. */
  close(): void;
}
