import { WebSocket } from "ws";

const TOLD_WITHIN_MS = 10_000;
const HEAD_CHARS = 300;
const TOO_MANY = 429;
const TYPE = /^\{"type":"(\w+)"/;

/** What a browser can see of an attempt to connect. */
export interface Seen {
  readonly opened: boolean;
  /** Types of the first frames. */
  readonly types: readonly string[];
  readonly code: number;
  readonly reason: string;
}

export interface AttemptOptions {
  /** The first frame to send. */
  readonly first?: string;
  /** Whether an error leaves the connection open, so that it has to be closed from here. */
  readonly staysOpen?: boolean;
}

/**
 * Connects as a browser does, and closes the connection itself once it goes on and was told what is wrong.
 * @returns null where the server had told too many others what is wrong, and refused before the upgrade.
 */
export const attempt = (
  port: number,
  query: string,
  { first, staysOpen = false }: AttemptOptions = {},
): Promise<Seen | null> =>
  new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws?${query}`);
    const types: string[] = [];
    let opened = false;
    const impatience = setTimeout(() => socket.close(1_000, "not told"), TOLD_WITHIN_MS);
    socket.on("open", () => {
      opened = true;
      if (first !== undefined) socket.send(first);
    });
    socket.on("message", (data: Buffer) => {
      types.push(TYPE.exec(data.subarray(0, HEAD_CHARS).toString())?.[1] ?? "?");
      if ((staysOpen || types[0] === "connected") && types.includes("error")) socket.close(1_000);
    });
    socket.on("unexpected-response", (request, answer) => {
      clearTimeout(impatience);
      request.destroy();
      resolve(answer.statusCode === TOO_MANY ? null : { opened, types, code: 1_006, reason: "" });
    });
    // It is closed after it.
    socket.on("error", () => {});
    socket.on("close", (code, reason) => {
      clearTimeout(impatience);
      resolve({ opened, types, code, reason: reason.toString() });
    });
  });

/** Whether a connection that cannot be was told why, in a way that a browser sees. */
export const isToldWhy = ({ opened, types, code, reason }: Seen): boolean =>
  opened && types[0] === "error" && code >= 3_000 && code < 4_000 && reason !== "";
