import { afterEach, describe, expect, it } from "vitest";
import type { EchoCommands } from "./testing/echo-worker.ts";
import { startWorker, type Worker } from "./worker.ts";

const fileOf = (name: string): URL => new URL(`./testing/${name}.ts`, import.meta.url);

let worker: Worker<EchoCommands> | null = null;
const start = async (): Promise<Worker<EchoCommands>> => {
  worker = await startWorker<EchoCommands>(fileOf("echo-worker"));
  return worker;
};
afterEach(async () => {
  await worker?.stop();
  worker = null;
});

describe("a worker", () => {
  it("answers commands, tells what they threw, and what it used", async () => {
    const echo = await start();
    const value = { map: new Map([["a", 1]]), bytes: Uint8Array.of(1, 2) };
    expect(await echo.call("echo", value)).toEqual(value);
    await expect(echo.call("fail")).rejects.toThrow("echo-worker.ts: Error: on purpose");
    expect((await echo.usage()).rssBytes).toBeGreaterThan(1_000_000);
  });

  it("that ends rejects what waits for an answer, and whatever is asked later", async () => {
    const echo = await start();
    const waiting = echo.call("never");
    const leaving = echo.call("exit", 4);
    await expect(waiting).rejects.toThrow("ended (4)");
    await expect(leaving).rejects.toThrow("ended (4)");
    await expect(echo.call("echo", 1)).rejects.toThrow("ended (4)");
  });

  it("that does not come about is noticed at its start", async () => {
    await expect(startWorker(fileOf("broken-worker"))).rejects.toThrow("broken-worker.ts ended (3)");
  });
});
