import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));

export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string };

export interface ServiceProcess {
  readonly pid: number;
  /** Everything it said on standard output, parsed where it is JSON. */
  readonly lines: readonly LogLine[];
  errors(): string;
  /** Resolves with the first line, past or future, that fits. Rejects when the process ends before. */
  says(fits: (line: LogLine) => boolean): Promise<LogLine>;
  readonly exit: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  kill(signal: NodeJS.Signals): void;
}

const parse = (text: string): LogLine => {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { msg: text };
  }
};

const running = new Set<ServiceProcess>();

const FROM_SOURCES = ["--import", "tsx", "--conditions=@commcoin/source"];

/**
 * Runs a service in a process of its own, with nothing in its environment but what is given.
 * @param root folder of the release; that of this one by default.
 * @param nodeArguments what Node is told; to run from sources by default.
 */
export function startProcess(
  main: string,
  env: Readonly<Record<string, string>>,
  root: string = REPOSITORY,
  nodeArguments: readonly string[] = FROM_SOURCES,
): ServiceProcess {
  const child = spawn(process.execPath, [...nodeArguments, main], {
    cwd: root,
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: LogLine[] = [];
  let errors = "";
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on("line", (text) => {
    lines.push(parse(text));
    for (const look of waiting) look();
  });
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const exit = once(child, "close").then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }));
  const service: ServiceProcess = {
    pid: child.pid ?? -1,
    lines,
    errors: () => errors,
    exit,
    says: (fits) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const line = lines.find(fits);
          if (line === undefined) return;
          waiting.delete(look);
          resolve(line);
        };
        waiting.add(look);
        look();
        void exit.then(() => reject(new Error(`${main} ended: ${errors}${JSON.stringify(lines.slice(-5))}`)));
      }),
    kill: (signal) => child.kill(signal),
  };
  running.add(service);
  void exit.then(() => running.delete(service));
  return service;
}

/** Ends whatever a test left running. */
export async function killAll(): Promise<void> {
  const left = [...running];
  for (const service of left) service.kill("SIGKILL");
  await Promise.all(left.map(({ exit }) => exit));
}
