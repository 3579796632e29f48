import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { recordingLogger } from "../testing/recording-logger.ts";
import { connectToInspect } from "./inspector.ts";
import { createRedisBroker } from "./redis-broker.ts";

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

/** A server that refuses everything, and repeats what it was sent as Redis does with commands that it does not know. */
async function startRefusing(): Promise<number> {
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      const words = chunk
        .toString()
        .split("\r\n")
        .filter((word) => !/^[*$]\d/.test(word) && word !== "");
      const args = words.map((word) => `'${word.slice(0, 128)}'`).join(" ");
      socket.end(`-ERR unknown command 'AUTH', with args beginning with: ${args}\r\n`);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

describe("a password that a server repeats", () => {
  it.each(["Ж-s3cret@Q", "0123456789".repeat(30)])(
    "is nowhere to be read: %s",
    { timeout: 20_000 },
    async (password) => {
      const port = await startRefusing();
      const { logger, lines } = recordingLogger();
      const broker = createRedisBroker({
        url: `redis://app:${encodeURIComponent(password)}@127.0.0.1:${port}`,
        logger,
      });
      const failure: unknown = await broker.start().catch((error: unknown) => error);
      const told = [inspect(failure, { depth: 10 }), broker.problem(), ...lines].join("\n");
      expect(told).toContain(`Cannot use Redis at redis://127.0.0.1:${port}`);
      for (let start = 0; start + 8 <= password.length; start += 1) {
        expect(told).not.toContain(password.slice(start, start + 8));
      }
      await broker.close();
    },
  );

  it("is nowhere to be read of an inspection either", { timeout: 20_000 }, async () => {
    const password = "0123456789".repeat(30);
    const port = await startRefusing();
    const failure: unknown = await connectToInspect(`redis://app:${password}@127.0.0.1:${port}`).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(Error);
    expect(inspect(failure, { depth: 10 })).not.toContain("0123456789");
  });
});
