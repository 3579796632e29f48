import { fork } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { onRequest, type Answer, type Commands, type Request } from "./worker-protocol.ts";

/** What a process used since it began. */
export interface Usage {
  /** User and system time of all its threads, in microseconds. */
  readonly cpuMicros: number;
  readonly rssBytes: number;
}

/** A process of one's own that answers commands. */
export interface Worker<C extends Commands> {
  /** Rejects with what the command threw, or when the process is gone. */
  call<Name extends keyof C & string>(
    name: Name,
    ...input: Parameters<C[Name]>
  ): Promise<Awaited<ReturnType<C[Name]>>>;
  usage(): Promise<Usage>;
  /** Collects all garbage, so that memory can be compared. */
  collectGarbage(): Promise<void>;
  stop(): Promise<void>;
}

const STOP_TIMEOUT_MS = 5_000;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Starts a file that calls `serve` in a process of its own; TypeScript runs from the sources of all packages.
 * @param execArgv more arguments of node, such as `--cpu-prof`.
 * @throws when the process ends before it serves.
 */
export async function startWorker<C extends Commands>(
  file: URL,
  execArgv: readonly string[] = [],
): Promise<Worker<C>> {
  const path = fileURLToPath(file);
  const name = basename(path);
  const fromSource = path.endsWith(".ts") ? ["--import", "tsx", "--conditions=@commcoin/source"] : [];
  const child = fork(path, [], {
    serialization: "advanced",
    execArgv: ["--expose-gc", ...fromSource, ...execArgv],
  });
  const waiting = new Map<number, Waiting>();
  let calls = 0;
  let gone: Error | null = null;
  const exited = once(child, "exit");
  const ended = exited.then(([code, signal]) => {
    gone = new Error(`The process ${name} ended (${String(signal ?? code)}) before it answered.`);
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
    return gone;
  });
  const started = new Promise<null>((resolve) => {
    child.on("message", (answer: Answer) => {
      if (answer === "ready") {
        resolve(null);
        return;
      }
      const call = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ("error" in answer) call?.reject(new Error(`${name}: ${answer.error}`));
      else call?.resolve(answer.output);
    });
  });
  const call = (command: string, input: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (gone !== null) {
        reject(gone);
        return;
      }
      calls += 1;
      const id = calls;
      waiting.set(id, { resolve, reject });
      child.send({ id, command, input } satisfies Request, (error) => {
        if (error !== null) reject(error);
      });
    });
  const failed = await Promise.race([started, ended]);
  if (failed !== null) throw failed;
  return {
    call: (command, ...input) => call(command, input) as never,
    usage: () => call(onRequest.usage, []) as Promise<Usage>,
    collectGarbage: async () => {
      await call(onRequest.collectGarbage, []);
    },
    async stop() {
      const impatience = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      if (child.connected) child.disconnect();
      await exited;
      clearTimeout(impatience);
    },
  };
}
