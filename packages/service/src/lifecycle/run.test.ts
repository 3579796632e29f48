import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const runner = fileURLToPath(new URL("run.ts", import.meta.url));

/** Runs a service that is written as the text of an object in a process of its own. */
function start(service: string, options = "{}") {
  const program = `
    const { run, StartError } = await import(${JSON.stringify(runner)});
    await run(() => (${service}), ${options});
  `;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program]);
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const exit = once(child, "exit").then(([code]) => ({ code: code as number | null, output, errors }));
  const says = async (word: string): Promise<void> => {
    while (!output.includes(word)) await once(child.stdout, "data");
  };
  return { child, exit, says };
}

const READY = `start: async () => { setInterval(() => {}, 1000); console.log("ready"); }`;

describe("run", () => {
  it("stops on SIGTERM and exits with 0", async () => {
    const { child, exit, says } = start(`{ ${READY}, stop: async () => console.log("drained") }`);
    await says("ready");
    child.kill("SIGTERM");
    expect(await exit).toMatchObject({ code: 0, output: "ready\ndrained\n" });
  });

  it("exits at once on a second signal", async () => {
    const { child, exit, says } = start(
      `{ ${READY}, stop: () => { console.log("draining"); return new Promise(() => {}); } }`,
    );
    await says("ready");
    child.kill("SIGTERM");
    await says("draining");
    child.kill("SIGTERM");
    expect(await exit).toMatchObject({ code: 1 });
  });

  it("gives up a stop that does not end, and says so", async () => {
    const { child, exit, says } = start(
      `{ ${READY}, stop: () => new Promise(() => {}) }`,
      "{ stopWithinMs: () => 50 }",
    );
    await says("ready");
    child.kill("SIGTERM");
    expect(await exit).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/^Stopping took longer than 0\.05 s;.*\n$/),
    });
  });

  it("goes on stopping on a second signal where it has to be patient", async () => {
    const stop = `() => {
      console.log("draining");
      return new Promise((resolve) => process.once("SIGINT", () => setImmediate(resolve)));
    }`;
    const { child, exit, says } = start(`{ ${READY}, stop: ${stop} }`, "{ patient: true }");
    await says("ready");
    child.kill("SIGTERM");
    await says("draining");
    child.kill("SIGINT");
    expect(await exit).toMatchObject({ code: 0 });
  });

  it("tells whoever wants to know why it failed", async () => {
    const { exit } = start(
      `{ start: async () => { throw new StartError("no port") }, stop: async () => {} }`,
      `{ report: (message) => console.log("told: " + message) }`,
    );
    expect(await exit).toEqual({ code: 1, output: "told: no port\n", errors: "" });
  });

  it("says in one line why it could not start, and exits with 1", async () => {
    const { exit } = start(
      `{ start: async () => { throw new StartError("port 8080 is taken") }, stop: async () => {} }`,
    );
    expect(await exit).toMatchObject({ code: 1, errors: "port 8080 is taken\n" });
  });

  it("does not live on after an error that nobody handled", async () => {
    const { exit } = start(
      `{ start: async () => { setInterval(() => {}, 1000); void Promise.reject(new Error("forgotten")) }, stop: async () => {} }`,
    );
    const { code, errors } = await exit;
    expect(code).toBe(1);
    expect(errors).toContain("forgotten");
  });
});
