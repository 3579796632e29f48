import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const REPOSITORY = new URL("../../", import.meta.url);
const path = (file: string): string => fileURLToPath(new URL(file, REPOSITORY));

/** Runs a script on what says that it is this version of Node. */
function runOn(version: string, script: string): { readonly status: number | null; readonly stderr: string } {
  const pretend = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });`;
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      `--import=data:text/javascript,${encodeURIComponent(pretend)}`,
      ...(script.endsWith(".ts") ? ["--import", "tsx", "--conditions=@commcoin/source"] : []),
      path(script),
    ],
    { cwd: path("."), env: { PATH: process.env["PATH"] }, encoding: "utf8", timeout: 60_000 },
  );
  return { status, stderr };
}

/** Whether `engines` names the version: ranges of the form `>=20.19 <21`, any of them. */
function inEngines(version: string): boolean {
  const { engines } = JSON.parse(readFileSync(path("package.json"), "utf8")) as { engines: { node: string } };
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return engines.node.split(" || ").some((range) => {
    const [, from, fromMinor = "0", below] = /^>=(\d+)(?:\.(\d+))? <(\d+)$/.exec(range) ?? [];
    const isAbove = major > Number(from) || (major === Number(from) && minor >= Number(fromMinor));
    return isAbove && major < Number(below);
  });
}

/** What the scripts say of a native server in the catalog, on a version of Node. */
function nativeServerProblem(version: string, specifier: string): unknown {
  const module = JSON.stringify(new URL("scripts/native-server.mjs", REPOSITORY).href);
  const call = `nativeServerProblem("${version}", ${JSON.stringify(`catalog:\n  ulid: 1.0.0\n  uWebSockets.js: ${specifier}\n  ws: 8.0.0\n`)})`;
  const program = `import { nativeServerProblem } from ${module}; console.log(JSON.stringify(${call}));`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
  });
  return JSON.parse(stdout);
}

describe("Node", () => {
  it.each(["20.19.0", "20.20.2", "22.12.0", "22.23.5", "24.0.0", "24.22.3"])("%s is accepted", (version) => {
    expect(runOn(version, "packages/service/supported-node.mjs")).toEqual({ status: 0, stderr: "" });
    expect(inEngines(version)).toBe(true);
  });

  it.each(["16.20.2", "18.20.8", "20.18.3", "21.7.3", "22.11.0", "23.11.1", "25.0.0", "26.1.0"])(
    "%s is refused in a sentence",
    (version) => {
      const { status, stderr } = runOn(version, "packages/service/supported-node.mjs");
      expect(status).toBe(1);
      expect(stderr).toMatch(/^Community Coin Realtime runs on Node 20 .*\.\n$/);
      expect(stderr).toContain(`this is Node ${version}.`);
      expect(inEngines(version)).toBe(false);
    },
  );

  it.each([
    "scripts/start.mjs",
    "scripts/test.mjs",
    "apps/gateway/src/main.ts",
    "apps/listener/src/main.ts",
    "apps/admin/src/main.ts",
    "apps/standalone/src/main.ts",
  ])("%s says so before anything else", (script) => {
    const { status, stderr } = runOn("18.20.8", script);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Community Coin Realtime runs on Node .*\n$/);
  });

  const OFFICIAL = "github:uNetworking/uWebSockets.js#v20.58.0";
  it.each([
    ["20.20.2", "npm:@trufflesuite/uws-js-unofficial@20.30.0-unofficial.0"],
    ["20.19.0", OFFICIAL],
    ["22.12.0", OFFICIAL],
    ["24.22.3", OFFICIAL],
    ["24.0.0", "file:uWebSockets.js-20.60.0.tgz"],
  ])("%s runs the WebSocket server of %s", (version, specifier) => {
    expect(nativeServerProblem(version, specifier)).toBeNull();
  });

  it.each(["22.12.0", "24.22.3"])(
    "%s is told before the build that the one of npm is none for it",
    (version) => {
      expect(
        nativeServerProblem(version, "npm:@trufflesuite/uws-js-unofficial@20.30.0-unofficial.0"),
      ).toMatch(
        new RegExp(
          `^Node ${version} needs another build .*set \`uWebSockets.js: ${OFFICIAL}\` in pnpm-workspace.yaml`,
        ),
      );
    },
  );

  it("24 is told what to change in the words of the document", () => {
    expect(readFileSync(path("docs/deployment.md"), "utf8")).toContain(`uWebSockets.js: ${OFFICIAL}`);
  });
});
