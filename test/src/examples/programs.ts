import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { run, type PackedClient } from "../support/pack-client.ts";
import { unpackExample } from "./unpack-example.ts";

/** An example that prints the messages of topics. */
export interface Follower {
  readonly name: string;
  /** Why it cannot run here; null where it can. */
  readonly missing: string | null;
  /** Makes it ready. @returns program and arguments, before those of every run. */
  readonly prepare: (client: PackedClient) => Promise<readonly [program: string, ...args: string[]]>;
}

const runs = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: "ignore" }).status === 0;

function hasGo(): boolean {
  const [, minor] = /go1\.(\d+)/.exec(spawnSync("go", ["version"], { encoding: "utf8" }).stdout ?? "") ?? [];
  return Number(minor) >= 23;
}

export const FOLLOWERS: readonly Follower[] = [
  {
    name: "node",
    missing: null,
    prepare: async (client) => [process.execPath, join(await unpackExample("node", client), "follow.mjs")],
  },
  {
    name: "python",
    missing: runs("python3", "-c", "import websockets")
      ? null
      : "python3 has no websockets: pip install websockets",
    prepare: async (client) => ["python3", join(await unpackExample("python", client), "resume.py")],
  },
  {
    name: "go",
    missing: hasGo() ? null : "there is no Go 1.23",
    prepare: async (client) => {
      const folder = await unpackExample("go", client);
      await run(folder, "go", "build", "-o", "resume", ".");
      return [join(folder, "resume")];
    },
  },
];

export interface RunningFollower {
  /** The messages that it printed. */
  readonly messages: readonly { readonly topic: string; readonly offset: number; readonly id: string }[];
  /** What it said beside them. */
  readonly errors: () => string;
  readonly exit: Promise<unknown>;
  kill(): void;
}

export function startFollower([program, ...args]: readonly [string, ...string[]]): RunningFollower {
  const child: ChildProcess & {
    readonly stdout: NodeJS.ReadableStream;
    readonly stderr: NodeJS.ReadableStream;
  } = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const messages: { topic: string; offset: number; id: string }[] = [];
  let errors = "";
  createInterface({ input: child.stdout }).on("line", (line) => {
    messages.push(JSON.parse(line) as { topic: string; offset: number; id: string });
  });
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  return {
    messages,
    errors: () => errors,
    exit: once(child, "close"),
    kill: () => child.kill("SIGKILL"),
  };
}
