import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { eventually } from "@commcoin/tsconfig/eventually";
import { afterEach, describe, expect, it } from "vitest";
import { startPubsubServer } from "../testing/pubsub-server.ts";
import type { ConnectionLost } from "./connection-lost.ts";
import { createRefusals } from "./refusals.ts";
import { openChannel } from "./websocket-channel.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

const live = (): AbortSignal => {
  const controller = new AbortController();
  cleanUps.push(() => controller.abort());
  return controller.signal;
};

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUps.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

describe("a channel to a node", () => {
  it("is refused where nobody listens", async () => {
    const server = createServer();
    const port = await listen(server);
    server.close();
    await expect(openChannel({ url: `ws://127.0.0.1:${port}`, signal: live() })).rejects.toMatchObject({
      reason: "refused",
    });
  });

  it("is refused when the node answers the handshake with an error", async () => {
    const port = await listen(
      createServer((socket) => {
        socket.on("data", () => socket.end("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\n\r\n"));
      }),
    );
    await expect(openChannel({ url: `ws://127.0.0.1:${port}`, signal: live() })).rejects.toMatchObject({
      reason: "refused",
      message: expect.stringContaining("429") as string,
    });
  });

  it.each([
    [
      401,
      '{"jsonrpc":"2.0","error":{"code":-32001,"message":"key unknown"}}',
      "check the key in SOLANA_WS_URL): key unknown",
    ],
    [403, "<html><title>Forbidden for you</title>", "check the key in SOLANA_WS_URL): Forbidden for you"],
    [404, "", "SOLANA_WS_URL is not the address of its WebSocket): Not Found"],
    [405, "POST only", "SOLANA_WS_URL is not the address of its WebSocket): POST only"],
    [200, "Welcome", "SOLANA_WS_URL is not the address of its WebSocket): Welcome"],
    [429, "slow down, secret-key-of-mine", "it is tried again later): slow down, ***"],
    [503, "x".repeat(100_000), "it is tried again): xxx"],
  ])("says what a node refuses the handshake with, and what to do: %i", async (status, body, said) => {
    const port = await listen(createHttpServer((_, response) => response.writeHead(status).end(body)));
    const url = `ws://127.0.0.1:${port}/secret-key-of-mine`;
    const refused = openChannel({ url, signal: live() });
    const loss = await refused.then(
      () => expect.unreachable(),
      (error: unknown) => error as ConnectionLost,
    );
    expect(loss.message).toContain(`The node refused the WebSocket with HTTP ${status} (`);
    expect(loss.message).toContain(said);
    expect(loss.message.length).toBeLessThan(400);
    // As the status and readiness have it.
    const { code, message } = createRefusals().note("node", loss);
    expect(message).toContain(said.slice(0, said.indexOf(")")));
    expect(code).toBe(status === 401 ? -32_001 : status);
  });

  it("sends user and password as they are meant", async () => {
    let request = "";
    const port = await listen(
      createServer((socket) => {
        socket.on("data", (chunk) => {
          request += chunk.toString();
          socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n");
        });
      }),
    );
    const url = `ws://app:s%40cret@127.0.0.1:${port}/key`;
    await expect(openChannel({ url, signal: live() })).rejects.toMatchObject({ reason: "refused" });
    expect(request).toContain(`uthorization: Basic ${Buffer.from("app:s@cret").toString("base64")}\r\n`);
  });

  it("does not wait for ever for a handshake", async () => {
    const port = await listen(createServer((socket) => cleanUps.push(() => socket.destroy())));
    const opening = openChannel({ url: `ws://127.0.0.1:${port}`, signal: live(), handshakeTimeoutMs: 50 });
    await expect(opening).rejects.toMatchObject({ reason: "refused" });
  });

  it("gives up opening when it is not wanted any more", async () => {
    const port = await listen(createServer((socket) => cleanUps.push(() => socket.destroy())));
    const controller = new AbortController();
    const opening = openChannel({ url: `ws://127.0.0.1:${port}`, signal: controller.signal });
    controller.abort();
    await expect(opening).rejects.toMatchObject({ reason: "stopped" });
  });

  it("asks for no compression", async () => {
    const server = await startPubsubServer(() => {});
    cleanUps.push(() => server.close());
    await openChannel({ url: server.url, signal: live() });
    expect(server.peers[0]?.socket.extensions).toBe("");
  });

  it("ends when the node sends JSON that is broken", async () => {
    const server = await startPubsubServer(() => {});
    cleanUps.push(() => server.close());
    const channel = await openChannel({ url: server.url, signal: live() });
    server.peers[0]?.socket.send('{"jsonrpc"');
    expect(await channel.lost).toMatchObject({ reason: "bad_frame" });
  });

  it("tells what a node says that refuses it, without the key", async () => {
    const server = createHttpServer((_, response) => response.end());
    server.on("upgrade", (_, socket) =>
      socket.end(
        "HTTP/1.1 403 Forbidden\r\nRetry-After: 9\r\nContent-Length: 31\r\n\r\nthe app of 12345678 is inactive",
      ),
    );
    const url = `ws://127.0.0.1:${await listen(server)}/12345678`;
    await expect(openChannel({ url, signal: live() })).rejects.toMatchObject({
      reason: "refused",
      message:
        "The node refused the WebSocket with HTTP 403 (check the key in SOLANA_WS_URL): the app of *** is inactive",
      cause: { refusal: { status: 403, retryAfter: "9" } },
    });
  });

  it("takes a frame of twenty megabytes", async () => {
    const server = await startPubsubServer(() => {});
    cleanUps.push(() => server.close());
    const channel = await openChannel({ url: server.url, signal: live() });
    const sizes: number[] = [];
    channel.on("message", (message) => sizes.push((message as { text: string }).text.length));
    server.peers[0]?.send({ text: "x".repeat(20_000_000) });
    await eventually(() => expect(sizes).toEqual([20_000_000]));
  });

  it("tells those who listen after the end that it ended", async () => {
    const server = await startPubsubServer(() => {});
    cleanUps.push(() => server.close());
    const channel = await openChannel({ url: server.url, signal: live() });
    server.peers[0]?.socket.close(1000);
    await channel.lost;
    const error = await new Promise((resolve) => channel.on("error", resolve));
    expect(error).toMatchObject({ cause: { reason: "closed" } });
    await expect(channel.send({})).rejects.toMatchObject({ cause: { reason: "closed" } });
  });

  it("reads nothing while it is paused, and everything afterwards", async () => {
    const server = await startPubsubServer((request, peer) => {
      for (let n = 0; n < 20; n += 1) peer.send({ n, method: request.method });
    });
    cleanUps.push(() => server.close());
    const channel = await openChannel({ url: server.url, signal: live(), pingIntervalMs: 5, silenceMs: 20 });
    const received: unknown[] = [];
    channel.on("message", (message) => received.push(message));
    channel.pause();
    await channel.send({ method: "go" });
    await eventually(() => expect(server.requests).toHaveLength(1));
    // Longer than the silence after which the peer counts as dead, which is four pings: a paused channel hears no pongs.
    let pings = 0;
    server.peers[0]?.socket.on("ping", () => (pings += 1));
    await eventually(() => expect(pings).toBeGreaterThan(8));
    expect(received).toEqual([]);
    channel.resume();
    await eventually(() => expect(received).toHaveLength(20));
  });

  it("notices a node that is frozen", async () => {
    const program = `
      import { WebSocketServer } from "ws";
      const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
      server.on("listening", () => console.log(server.address().port));
      server.on("connection", (socket) => socket.on("ping", () => console.log("ping")));
    `;
    const node = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    cleanUps.push(() => node.kill("SIGKILL"));
    const [port] = (await once(node.stdout, "data")) as [Buffer];
    const channel = await openChannel({
      url: `ws://127.0.0.1:${String(port).trim()}`,
      signal: live(),
      pingIntervalMs: 50,
      silenceMs: 200,
    });
    let lost = false;
    void channel.lost.then(() => {
      lost = true;
    });
    // Alive for twice the silence that is allowed, which is four pings: pongs count as life.
    let heard = "";
    node.stdout.on("data", (text: Buffer) => (heard += text.toString()));
    await eventually(() => expect(heard.split("ping").length - 1).toBeGreaterThan(8));
    expect(lost).toBe(false);
    node.kill("SIGSTOP");
    expect(await channel.lost).toMatchObject({ reason: "no_pong" });
  });
});
