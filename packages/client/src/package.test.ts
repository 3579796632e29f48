import { cp, mkdir, readFile, realpath, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { eventually } from "@commcoin/tsconfig/eventually";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  binary,
  buildPackage,
  ENTRIES,
  PACKAGE,
  REPORT_FOLDER,
  run,
  type BuiltPackage,
} from "./testing/built-package.ts";
import { startFakeGateway } from "./testing/fake-gateway.ts";

let built: BuiltPackage;
let tarball: string;
/** An empty project outside the workspace that installed the package from its tarball. */
let project: string;

const folderOf = (name: string): Promise<string> =>
  realpath(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)));

beforeAll(async () => {
  built = await buildPackage();
  tarball = await built.pack();
  project = join(built.folder, "../project");
  await mkdir(project);
  await writeFile(join(project, "package.json"), '{"name":"project","private":true,"type":"module"}');
  const ws = await run(
    project,
    "npm",
    "pack",
    await folderOf("ws"),
    "--ignore-scripts",
    "--offline",
    "--silent",
  );
  await run(
    project,
    "npm",
    "install",
    "--offline",
    "--no-audit",
    "--no-fund",
    tarball,
    join(project, ws.trim()),
  );
});
afterAll(() => built.remove());

describe("the packed package", () => {
  it("has no dependency and nothing of the workspace in what it ships", async () => {
    const installed = join(project, "node_modules/@commcoin/client");
    const manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as object;
    expect(manifest).not.toHaveProperty("private");
    expect(manifest).not.toHaveProperty("dependencies");
    const files = (await run(project, "tar", "-tzf", tarball)).trim().split("\n");
    expect(files).toContain("package/README.md");
    expect(files.filter((file) => /\.test\.|testing/.test(file))).toEqual([]);
    for (const file of files.filter((file) => /\.(?:d\.ts|js|ts)$/.test(file))) {
      const text = await readFile(join(installed, file.replace("package/", "")), "utf8");
      expect(text, file).not.toMatch(/from "(?:@commcoin\/|zod)/);
    }
  });

  it("is what publint wants", async () => {
    const { messages } = await publint({ pkgDir: built.folder, strict: true });
    expect(messages).toEqual([]);
  });

  it("has types that are right for everybody who imports it", async () => {
    expect(await run(PACKAGE, binary("attw"), tarball, "--no-color")).toContain("(ESM)");
  });

  it.each(ENTRIES)("exports of %s what was agreed on; else run `pnpm generate` and look", async (entry) => {
    const agreed = await readFile(join(REPORT_FOLDER, `${entry}.api.md`), "utf8");
    expect(await built.report(entry)).toBe(agreed);
  });
});

describe("in an empty project", () => {
  it("five lines run", async () => {
    await writeFile(
      join(project, "five-lines.mjs"),
      `import { createClient } from "@commcoin/client";
      import { WebSocket } from "ws";
      const client = createClient({ url: process.argv[2], WebSocket });
      client.subscribe("market_data", (message) => console.log(message.data.price));
      client.connect();`,
    );
    const gateway = await startFakeGateway();
    onTestFinished(() => gateway.stop());
    const lines: string[] = [];
    const program: ChildProcess = spawn(process.execPath, ["five-lines.mjs", gateway.url], {
      cwd: project,
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => {
      program.kill("SIGKILL");
    });
    if (program.stdout !== null) createInterface(program.stdout).on("line", (line) => lines.push(line));
    for (const offset of [1, 2]) {
      const peer = await gateway.next();
      const start = { topic: "market_data", epoch: "e", offset: offset - 1 };
      peer.greet([offset === 1 ? start : { ...start, recovered: true, replayed: 0 }]);
      peer.send({
        type: "MarketData",
        topic: "market_data",
        offset,
        id: `m${offset}`,
        ts: 1,
        data: {
          token_id: "8gCXKcBfs4XtVgQ2LxAxYqkW6E4zZq6fDqmC7zvHpump",
          price: `0.${offset}`,
          change_24h: null,
          volume_24h: "1",
          high_24h: "1",
          low_24h: "1",
          trades_24h: 1,
          market_cap: "1",
        },
      });
      await eventually(() => expect(lines).toHaveLength(offset));
      peer.terminate();
    }
    expect(lines).toEqual(["0.1", "0.2"]);
  });

  it.each(["nodenext", "bundler"])("types are checked with module resolution %s", async (resolution) => {
    await cp(new URL("testing/consumer.ts", import.meta.url), join(project, "consumer.ts"));
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: "es2022",
      lib: ["es2022", "dom"],
      types: [],
      module: resolution === "bundler" ? "esnext" : "nodenext",
      moduleResolution: resolution,
    };
    await writeFile(
      join(project, "tsconfig.json"),
      JSON.stringify({ compilerOptions, files: ["consumer.ts"] }),
    );
    expect(await run(project, binary("tsc"))).toBe("");
  });
});
