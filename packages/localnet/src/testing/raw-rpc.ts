import { once } from "node:events";
import { WebSocket } from "ws";

/** Posts a body as it is, and returns the answer as it is. */
export const post = async (url: string, body: string): Promise<{ status: number; text: string }> => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  return { status: response.status, text: await response.text() };
};

/** Calls one method and returns the whole answer. */
export const call = async (
  url: string,
  method: string,
  params: readonly unknown[] = [],
): Promise<Record<string, unknown>> => {
  const { text } = await post(url, JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
  return JSON.parse(text) as Record<string, unknown>;
};

/** A socket whose frames a test takes one after the other, as texts. */
export const openSocket = async (url: string) => {
  const socket = new WebSocket(url);
  const frames: string[] = [];
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  const waiting: ((frame: string) => void)[] = [];
  socket.on("message", (data: Buffer) => {
    const take = waiting.shift();
    if (take) take(data.toString("utf8"));
    else frames.push(data.toString("utf8"));
  });
  await once(socket, "open");
  const next = (): Promise<string> => {
    const frame = frames.shift();
    return frame === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(frame);
  };
  return {
    closed,
    nextText: next,
    next: async (): Promise<Record<string, unknown>> => JSON.parse(await next()) as Record<string, unknown>,
    sendText: (text: string): void => socket.send(text),
    send: (message: object): void => socket.send(JSON.stringify({ jsonrpc: "2.0", ...message })),
    close: (): void => socket.close(),
    /** Pings, and calls back with each pong from then on. */
    ping: (onPong: () => void): void => {
      socket.on("pong", onPong);
      socket.ping();
    },
    /** Frames that came and were not taken yet. */
    waiting: (): number => frames.length,
  };
};
