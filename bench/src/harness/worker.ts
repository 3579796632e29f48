import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onRequest, type Answer, type Commands, type Request } from "./worker-protocol.ts";

export type { Commands } from "./worker-protocol.ts";

/** What a process used since it began. */
export interface Usage {
  /** User and system time of all its threads, in microseconds. */
  readonly cpuMicros: number;
  readonly rssBytes: number;
}

/** A process of the bench's own that answers commands. */
export interface Worker<C extends Commands> {
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
const fromSource = import.meta.url.endsWith(".ts");
const workerFile = (name: string): string =>
  fileURLToPath(
    fromSource
      ? new URL(`../workers/${name}.ts`, import.meta.url)
      : new URL(`./workers/${name}.js`, import.meta.url),
  );

/**
 * Starts `workers/<name>` in a process of its own.
 * @param execArgv more arguments of node, such as `--cpu-prof`.
 */
export async function startWorker<C extends Commands>(
  name: string,
  execArgv: readonly string[] = [],
): Promise<Worker<C>> {
  const child = fork(workerFile(name), [], {
    serialization: "advanced",
    execArgv: [
      "--expose-gc",
      ...(fromSource ? ["--import", "tsx", "--conditions=@commcoin/source"] : []),
      ...execArgv,
    ],
  });
  const waiting = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
  >();
  let calls = 0;
  let ready: () => void = () => {};
  const started = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const exited = once(child, "exit");
  child.on("message", (answer: Answer) => {
    if (answer === "ready") {
      ready();
      return;
    }
    const call = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ("error" in answer) call?.reject(new Error(`${name}: ${answer.error}`));
    else call?.resolve(answer.output);
  });
  const ended = exited.then(() => {
    const error = new Error(`The process ${name} ended before it answered.`);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    return error;
  });
  const call = (command: string, input: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      calls += 1;
      const id = calls;
      waiting.set(id, { resolve, reject });
      child.send({ id, command, input } satisfies Request, (error) => {
        if (error !== null) reject(error);
      });
    });
  const failed = await Promise.race([started, ended]);
  if (failed instanceof Error) throw failed;
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
