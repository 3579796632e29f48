import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type * as uws from "uWebSockets.js";
import { describe, expect, it } from "vitest";
import { isNative, loadNativeModule } from "./native-module.ts";

describe("native module", () => {
  it("is native on the Node that this is made for", () => {
    expect(isNative(loadNativeModule())).toBe(true);
  });

  it("does not start the service without its binary", () => {
    // In a process of its own: which one is loaded is decided once per process.
    const main = fileURLToPath(new URL("../main.ts", import.meta.url));
    const tsx = createRequire(import.meta.url).resolve("tsx/cli");
    const { status, stderr } = spawnSync(process.execPath, [tsx, "--conditions=@commcoin/source", main], {
      env: { PATH: process.env.PATH, NODE_OPTIONS: "--no-addons", WEBSOCKET_PORT: "0" },
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^uWebSockets\.js (has no native binary .* fell back to JavaScript|could not be loaded .*)\. The build on npm is for Node 20/m,
    );
  });

  it("refuses to run on the fallback, and says what to do", () => {
    const fallback = { App: () => ({}) } as unknown as typeof uws;
    expect(() => loadNativeModule(() => fallback)).toThrow(
      /no native binary.*choose the one for this machine/,
    );
  });

  it("refuses to run when nothing can be loaded, as with the official build on another Node", () => {
    const load = (): never => {
      throw new Error("This version of uWS.js supports only other versions");
    };
    expect(() => loadNativeModule(load)).toThrow(/could not be loaded.*choose the one for this machine/);
  });
});
