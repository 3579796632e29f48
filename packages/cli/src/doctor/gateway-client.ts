import { WebSocket } from "ws";
import { wordsOf } from "./check.ts";

/** A client of the doctor's on one gateway. */
export interface GatewayClient {
  readonly url: string;
  readonly serverId: string;
  /** Whether it said that it verifies no tokens, although it was given one. */
  readonly ignoresTokens: boolean;
  /** Joins a topic. @returns what the gateway says against it, or that it says nothing. */
  follow(topic: string): Promise<string | null>;
  /** Resolves with the milliseconds until a message of that topic came; null when none did. */
  hear(topic: string, withinMs: number): Promise<number | null>;
  close(): void;
}

/** Why there is no client. */
export interface ConnectFailure {
  readonly url: string;
  /** `silent`: the connection is open and nothing comes; `token`: it wants a token, or another one. */
  readonly failure: "unreachable" | "silent" | "refused" | "token";
  readonly message: string;
  readonly sentToken: boolean;
}

interface Frame {
  readonly type?: string;
  readonly id?: string;
  readonly topic?: string;
  readonly data?: {
    readonly server_id?: string;
    readonly topic?: string;
    readonly code?: string;
    readonly message?: string;
  };
}

const CONNECT_MS = 3_000;
const ANSWER_MS = 3_000;
const TOKEN_CLOSES = new Set([3_500, 3_005]);
const MAX_PAYLOAD = 1_048_576;
const GREETING = "doctor-1";
const SUBSCRIBE = "doctor-2";

const parse = (data: string): Frame => {
  try {
    return (JSON.parse(data) ?? {}) as Frame;
  } catch {
    return {};
  }
};

/** Waits for a frame that fits, one that came before included; null when none comes in time, or any more. */
type Listen = (fits: (frame: Frame) => boolean, withinMs: number) => Promise<Frame | null>;

/** So many frames of the past are kept: only those of the greeting matter. */
const MAX_PAST = 50;

/** To be called before the socket is open: the first frame may come with the handshake. */
function createListen(socket: WebSocket): Listen {
  const past: Frame[] = [];
  const waiting = new Set<(frame: Frame | null) => void>();
  socket.on("message", (data: Buffer) => {
    const frame = parse(data.toString());
    if (past.length < MAX_PAST) past.push(frame);
    for (const tell of waiting) tell(frame);
  });
  socket.on("close", () => {
    for (const tell of waiting) tell(null);
  });
  return (fits, withinMs) =>
    new Promise((resolve) => {
      const end = (frame: Frame | null): void => {
        clearTimeout(timer);
        waiting.delete(tell);
        resolve(frame);
      };
      const tell = (frame: Frame | null): void => {
        if (frame === null || fits(frame)) end(frame);
      };
      const timer = setTimeout(() => end(null), withinMs);
      waiting.add(tell);
      for (const frame of past) tell(frame);
    });
}

interface OpenSocket {
  readonly socket: WebSocket;
  readonly listen: Listen;
}

/** The socket once it is open, or why it is not. Whether TCP came about tells a process that hangs from one that is not there. */
function open(url: string): Promise<OpenSocket | Omit<ConnectFailure, "url" | "sentToken">> {
  return new Promise((resolve) => {
    let reached = false;
    const socket = new WebSocket(url, {
      maxPayload: MAX_PAYLOAD,
      finishRequest(request) {
        request.on("socket", (connection) => connection.once("connect", () => (reached = true)));
        request.end();
      },
    });
    const listen = createListen(socket);
    const fail = (failure: ConnectFailure["failure"], message: string): void => {
      clearTimeout(timer);
      resolve({ failure, message });
      socket.terminate();
    };
    const timer = setTimeout(
      () =>
        reached
          ? fail("silent", `it takes connections, and does not answer within ${CONNECT_MS / 1_000} s`)
          : fail("unreachable", `no connection within ${CONNECT_MS / 1_000} s`),
      CONNECT_MS,
    );
    socket.on("unexpected-response", (request, { statusCode }) => {
      request.destroy();
      fail("refused", `it answers HTTP ${statusCode} to a WebSocket handshake`);
    });
    socket.on("error", (reason) => fail("unreachable", wordsOf(reason)));
    socket.on("open", () => {
      clearTimeout(timer);
      resolve({ socket, listen });
    });
  });
}

/** Says who it is, or shows that it need not. */
async function greet(
  { socket, listen }: OpenSocket,
  token: string | null,
): Promise<
  { readonly serverId: string; readonly ignoresTokens: boolean } | Omit<ConnectFailure, "url" | "sentToken">
> {
  let serverId: string | null = null;
  let said: Frame | null = null;
  let closed: { readonly code: number; readonly reason: string } | null = null;
  socket.once("close", (code, reason) => (closed = { code, reason: reason.toString() }));
  const answered = listen((frame) => {
    if (frame.type === "connected") serverId = frame.data?.server_id ?? "";
    if (frame.type === "error") said = frame;
    return frame.type === "error" || frame.type === "pong" || frame.type === "authenticated";
  }, ANSWER_MS);
  // A token in the first frame stands in no log. Without one, a gateway that wants it says so to any other frame.
  socket.send(
    JSON.stringify(
      token === null ? { type: "ping", id: GREETING } : { type: "auth", id: GREETING, data: { token } },
    ),
  );
  const answer = await answered;
  const words = (said as Frame | null)?.data?.message ?? "";
  const end = closed as { readonly code: number; readonly reason: string } | null;
  if (serverId !== null && end === null)
    return { serverId, ignoresTokens: token !== null && answer?.type === "error" };
  if ((said as Frame | null)?.data?.code === "unauthorized" || (end !== null && TOKEN_CLOSES.has(end.code)))
    return { failure: "token", message: words === "" ? (end?.reason ?? "") : words };
  if (end !== null)
    return { failure: "refused", message: `it closes with ${end.code} ${end.reason} ${words}`.trim() };
  return { failure: "silent", message: `it is open, and says nothing within ${ANSWER_MS / 1_000} s` };
}

/** Connects as a client. Ends within some 6 s, and never rejects. */
export async function connectToGateway(
  url: string,
  token: string | null,
): Promise<GatewayClient | ConnectFailure> {
  const opened = await open(url);
  const sentToken = token !== null;
  if ("failure" in opened) return { url, sentToken, ...opened };
  const { socket, listen } = opened;
  socket.on("error", () => socket.terminate());
  const greeted = await greet(opened, token);
  if ("failure" in greeted) {
    socket.terminate();
    return { url, sentToken, ...greeted };
  }
  const heard = new Map<string, Promise<number | null>>();
  return {
    url,
    ...greeted,
    async follow(topic) {
      if (socket.readyState !== WebSocket.OPEN) return "the connection was closed";
      const since = performance.now();
      heard.set(
        topic,
        listen((frame) => frame.topic === topic && frame.type === "Notification", 6 * ANSWER_MS).then(
          (frame) => (frame === null ? null : performance.now() - since),
        ),
      );
      const answered = listen(({ id }) => id === SUBSCRIBE, ANSWER_MS);
      socket.send(JSON.stringify({ type: "subscribe", id: SUBSCRIBE, data: { topic } }));
      const frame = await answered;
      if (frame === null) return `it does not answer a subscribe within ${ANSWER_MS / 1_000} s`;
      return frame.type === "error" ? `${frame.data?.code}: ${frame.data?.message}` : null;
    },
    hear: (topic, withinMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve(null), withinMs);
        void heard.get(topic)?.then((ms) => {
          clearTimeout(timer);
          resolve(ms);
        });
      }),
    close: () => socket.terminate(),
  };
}

export const isClient = (found: GatewayClient | ConnectFailure): found is GatewayClient =>
  "serverId" in found;
