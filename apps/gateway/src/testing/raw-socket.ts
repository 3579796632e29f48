import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** The bytes of a valid request to open a WebSocket. */
export const upgradeRequest = (path: string, headers: readonly string[] = []): string =>
  [
    `GET ${path} HTTP/1.1`,
    "Host: test",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
    "\r\n",
  ].join("\r\n");

export async function openRaw(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** Asks for a WebSocket and returns the HTTP answer. */
export async function handshake(
  url: string,
  requestHeaders: readonly string[] = [],
): Promise<{ status: number; headers: Readonly<Record<string, string>>; body: string }> {
  const socket = await openRaw(url);
  const { pathname, search } = new URL(url);
  socket.write(upgradeRequest(pathname + search, requestHeaders));
  let text = "";
  for await (const chunk of socket) {
    text += String(chunk);
    const [head = "", body = ""] = text.split("\r\n\r\n");
    const [first = "", ...lines] = head.split("\r\n");
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(":")).toLowerCase(),
        line.slice(line.indexOf(":") + 2),
      ]),
    );
    if (text.includes("\r\n\r\n") && Buffer.byteLength(body) >= Number(headers["content-length"] ?? 0)) {
      socket.destroy();
      return { status: Number(first.split(" ")[1]), headers, body };
    }
  }
  throw new Error(`no answer, only: ${text}`);
}
