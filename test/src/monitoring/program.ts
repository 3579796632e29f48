import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

export const isInstalled = (program: string): boolean => spawnSync(program, ["--version"]).status === 0;

export interface Program {
  readonly url: string;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 30_000;
const POLL_MS = 50;
const KEPT_OUTPUT = 4_000;

/** Runs Prometheus or Alertmanager until it says at `/-/ready` that it is. @throws with what it said when it does not. */
export async function startProgram(
  program: string,
  args: readonly string[],
  { port, directory }: { readonly port: number; readonly directory: string },
): Promise<Program> {
  const child = spawn(program, args, { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  const kill = (): void => {
    child.kill("SIGKILL");
  };
  process.once("exit", kill);
  const exited = once(child, "exit");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-KEPT_OUTPUT)));
  }
  const url = `http://127.0.0.1:${port}`;
  const deadline = performance.now() + READY_WITHIN_MS;
  const isReady = (): Promise<boolean> =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    if (child.exitCode !== null || performance.now() > deadline) {
      kill();
      throw new Error(`${program} does not get ready:\n${output}`);
    }
    await delay(POLL_MS);
  }
  return {
    url,
    async stop() {
      process.off("exit", kill);
      child.kill("SIGTERM");
      await exited;
    },
  };
}
