import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const PACKAGE = fileURLToPath(new URL("../", import.meta.url));

/** Outside the workspace; holds the command as it is packed, and nothing but the dependencies that it declares. */
let project: string;
let command: string;

const run = (program: string, args: readonly string[], cwd: string, env: Record<string, string> = {}) =>
  promisify(execFile)(program, args, { cwd, env: { PATH: process.env["PATH"] ?? "", ...env } }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (failure: { readonly code: number; readonly stdout: string; readonly stderr: string }) => {
      if (failure.stderr !== "") throw new Error(failure.stderr);
      return { code: failure.code, stdout: failure.stdout };
    },
  );

const succeed = async (program: string, args: readonly string[], cwd: string): Promise<void> => {
  const { code, stdout } = await run(program, args, cwd);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${stdout}`);
};

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "commcoin-cli-"));
  const folder = join(project, "package");
  await mkdir(folder);
  for (const name of ["package.json", "README.md"]) await cp(join(PACKAGE, name), join(folder, name));
  await succeed(join(PACKAGE, "../../node_modules/.bin/tsup"), ["--out-dir", join(folder, "dist")], PACKAGE);
  await succeed("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", project], folder);
  const modules = join(project, "node_modules");
  const installed = join(modules, "@commcoin/cli");
  await mkdir(installed, { recursive: true });
  await succeed("sh", ["-c", `tar -xzf *.tgz --strip-components=1 -C ${installed}`], project);
  await writeFile(join(project, "package.json"), "{}");
  const manifest = JSON.parse(await readFile(join(installed, "package.json"), "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
    readonly bin: { readonly commcoin: string };
  };
  for (const name of Object.keys(manifest.dependencies)) {
    const target = join(modules, name);
    await mkdir(dirname(target), { recursive: true });
    await symlink(await realpath(join(PACKAGE, "node_modules", name)), target);
  }
  command = join(installed, manifest.bin.commcoin);
});
afterAll(() => rm(project, { recursive: true, force: true }));

describe("the packed command, in an empty folder", () => {
  it("helps", async () => {
    const { code, stdout } = await run(process.execPath, [command, "--help"], project);
    expect(code).toBe(0);
    expect(stdout).toContain("doctor [options]");
  });

  it("examines, and ends at once when it has", async () => {
    const env = {
      REDIS_URL: "redis://:sesame-of-the-test@127.0.0.1:65533",
      SOLANA_RPC_URL: "http://127.0.0.1:65533/key-of-the-test",
      COMMCOIN_ADMIN_URL: "http://127.0.0.1:65533",
      COMMCOIN_GATEWAY_URL: "ws://127.0.0.1:65533/ws",
    };
    const { code, stdout } = await run(process.execPath, [command, "doctor"], project, env);
    expect(code).toBe(1);
    for (const sign of ["✗ redis://127.0.0.1:65533", "✗ http://127.0.0.1:65533", "✗ ws://127.0.0.1:65533/ws"])
      expect(stdout).toContain(sign);
    expect(stdout).not.toMatch(/of-the-test/);
    // Colours are for terminals.
    expect(stdout).not.toContain("\u001B");
  });
});
