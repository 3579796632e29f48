import type { Socket } from "node:net";
import { loadConfig } from "@commcoin/service/config";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it, onTestFinished } from "vitest";
import { gatewayVariables } from "../config.ts";
import { clientFrame, CONTINUATION, PING, TEXT, TEXT_BEGIN } from "../testing/hostile/frame.ts";
import { openRaw, upgradeRequest } from "../testing/raw-socket.ts";
import { startTestGateway } from "../testing/test-gateway.ts";

const LIMIT = loadConfig(gatewayVariables, {}).WEBSOCKET_MAX_FRAME_BYTES;
/** Above the limit, so that a client that is a little over it is told. */
const MARGIN = 16_384;
const PONG = 0x8a;
const MORE = 0x00;

async function openWebSocket(url: string): Promise<Socket> {
  const socket = await openRaw(url);
  onTestFinished(() => void socket.destroy());
  socket.write(upgradeRequest("/ws"));
  await new Promise((resolve) => socket.once("data", resolve));
  return socket;
}

/** The beginning of a message of `bytes` in parts, after each of which another may come. */
function unfinished(bytes: number, part: number, between: readonly Buffer[] = []): Buffer {
  const parts = Array.from({ length: Math.ceil(bytes / part) }, (_, index) => [
    clientFrame(index === 0 ? TEXT_BEGIN : MORE, "x".repeat(Math.min(part, bytes - index * part))),
    ...between,
  ]);
  return Buffer.concat(parts.flat());
}

describe("a message that is not finished", () => {
  const control = [clientFrame(PONG, ""), clientFrame(PING, "")];
  it.each([
    ["in one frame", clientFrame(TEXT, "x".repeat(LIMIT + MARGIN + 1)).subarray(0, LIMIT)],
    ["in large parts", unfinished(LIMIT + MARGIN + 1, 10_000)],
    ["in small parts", unfinished(LIMIT + MARGIN + 1, 100)],
    ["in parts with pings and pongs between", unfinished(LIMIT + MARGIN + 1, 1_000, control)],
  ])("ends the connection beyond the limit, %s", async (_, bytes) => {
    const gateway = await startTestGateway();
    const healthy = await gateway.client();
    const socket = await openWebSocket(gateway.url);
    socket.resume().write(bytes);
    await eventually(() => expect(gateway.gateway.stats().total_connections).toBe(1));
    await healthy.settled();
  });

  it.each([1, 3_000, LIMIT / 2])("is taken within the limit, in parts of %i bytes", async (part) => {
    const gateway = await startTestGateway();
    const socket = await openWebSocket(gateway.url);
    let text = "";
    socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    const message = Buffer.from(
      JSON.stringify({ type: "ping", id: "whole" }).padEnd(part === 1 ? 50 : LIMIT),
    );
    for (let at = 0; at < message.length; at += part) {
      const end = at + part >= message.length;
      const first = at === 0 ? TEXT_BEGIN : end ? CONTINUATION : MORE;
      socket.write(clientFrame(first, message.subarray(at, at + part)));
    }
    await eventually(() => expect(text).toContain('{"type":"pong","id":"whole"'));
  });
});
