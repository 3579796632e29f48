import { fork } from "node:child_process";
import { createQuestions, type Pipe, type WorkerMessage } from "./channel.ts";

/** First argument of a process that is a worker; its number is the second one. */
export const WORKER_ARGUMENT = "worker";

export interface WorkerExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** What it said itself. */
  readonly reason: string | null;
}

/** A worker as its supervisor sees it. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  /** Resolves when it accepts clients; never when it ends before. */
  readonly ready: Promise<void>;
  readonly exit: Promise<WorkerExit>;
  /** @throws when no answer came in time. */
  readonly ask: (about: string, timeoutMs: number) => Promise<unknown>;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

export interface WorkerOptions {
  readonly worker: number;
  /** What it is told otherwise than this process. */
  readonly env: Readonly<Record<string, string>>;
  /** Answers its questions. */
  readonly answer: (about: string) => Promise<unknown>;
}

export type StartWorker = (options: WorkerOptions) => WorkerProcess;

/** Runs workers as processes of the same program, which write to the same standard output and error. */
export const forkWorkers =
  (program: string, environment: NodeJS.ProcessEnv): StartWorker =>
  ({ worker, env, answer }) => {
    const child = fork(program, [WORKER_ARGUMENT, String(worker)], {
      env: { ...environment, ...env },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    let reason: string | null = null;
    const pipe: Pipe = {
      send(message) {
        if (child.connected) child.send(message, () => {});
      },
      onMessage: (listener) => child.on("message", (message) => listener(message as WorkerMessage)),
    };
    const ready = new Promise<void>((resolve) => {
      pipe.onMessage((message) => {
        if (message.kind === "ready") resolve();
        if (message.kind === "failed") ({ reason } = message);
      });
    });
    const exit = new Promise<WorkerExit>((resolve) => {
      child.once("error", (error) => {
        reason ??= error.message;
        if (child.pid === undefined) resolve({ code: null, signal: null, reason });
      });
      // Not "exit": by now everything that it said has arrived.
      child.once("close", (code, signal) => resolve({ code, signal, reason }));
    });
    const questions = createQuestions(pipe, answer);
    return {
      pid: child.pid,
      ready,
      exit,
      ask: (about, timeoutMs) => questions.ask(about, timeoutMs),
      kill: (signal) => void child.kill(signal),
    };
  };
