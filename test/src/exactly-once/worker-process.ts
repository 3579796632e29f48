import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What a process can be asked to do. Inputs and outputs are what structured cloning carries. */
type Commands = Readonly<Record<string, (...input: never[]) => unknown>>;

interface Request {
  readonly id: number;
  readonly command: string;
  readonly input: readonly unknown[];
}
type Answer =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly error: string };

/** A process of the test's own that answers commands. */
export interface WorkerProcess<C extends Commands> {
  call<Name extends keyof C & string>(
    name: Name,
    ...input: Parameters<C[Name]>
  ): Promise<Awaited<ReturnType<C[Name]>>>;
  stop(): Promise<void>;
}

/** Starts a file of this folder in a process of its own. */
export function startWorker<C extends Commands>(file: string): WorkerProcess<C> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [], {
    serialization: "advanced",
    execArgv: ["--import", "tsx", "--conditions=@commcoin/source"],
  });
  const waiting = new Map<number, PromiseWithResolvers>();
  const exited = once(child, "exit").then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended before it answered.`));
  });
  child.on("message", (answer: Answer) => {
    const call = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ("error" in answer) call?.reject(new Error(`${file}: ${answer.error}`));
    else call?.resolve(answer.output);
  });
  let calls = 0;
  return {
    call: (command, ...input) =>
      new Promise<unknown>((resolve, reject) => {
        calls += 1;
        waiting.set(calls, { resolve, reject });
        child.send({ id: calls, command, input } satisfies Request, (error) => {
          if (error !== null) reject(error);
        });
      }) as never,
    async stop() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

interface PromiseWithResolvers {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Answers the commands of the process that started this one, until that one lets go. */
export function serve(commands: Commands): void {
  process.on("message", ({ id, command, input }: Request) => {
    void (async () => {
      let answer: Answer;
      try {
        const run = commands[command] as ((...input: readonly unknown[]) => unknown) | undefined;
        if (run === undefined) throw new Error(`there is no command ${command}`);
        answer = { id, output: await run(...input) };
      } catch (error) {
        answer = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
      }
      if (process.connected) process.send?.(answer);
    })();
  });
  process.on("disconnect", () => process.exit());
}
