import { startService, type RunningService } from "../../support/start-service.ts";
import type { LogLine } from "../../support/service-process.ts";
import { get } from "./get.ts";

export type ServiceName = "gateway" | "listener" | "admin";

/** A service that is attacked, in a process of its own. Whoever ends by itself is started again, as a supervisor would. */
export interface Service {
  readonly name: ServiceName;
  readonly port: number;
  readonly pid: number;
  /** How often it ended by itself, and what it said last. */
  readonly exits: readonly string[];
  /** Everything that it logged, over all its lives. */
  logged(): readonly LogLine[];
  /** What it wrote on standard error, over all its lives. */
  errors(): string;
  isReady(): Promise<boolean>;
  /** Sends SIGTERM and waits; resolves with its exit code, or null when it was still there after so long. */
  terminate(withinMs: number): Promise<number | null>;
  /** Starts it again after `terminate`. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const COLLECTOR = new URL("collect-garbage.mjs", import.meta.url).href;
const LAST_LINES = 3;

const portVariable: Record<ServiceName, string> = {
  gateway: "WEBSOCKET_PORT",
  listener: "LISTENER_PORT",
  admin: "ADMIN_PORT",
};

const isReadyAt = (port: number): Promise<boolean> =>
  get(port, "/readyz").then(
    ({ status }) => status === 200,
    () => false,
  );

export async function createService(
  name: ServiceName,
  env: Readonly<Record<string, string>>,
): Promise<Service> {
  const exits: string[] = [];
  const past: RunningService["process"][] = [];
  let expected = false;
  let restarting: Promise<void> = Promise.resolve();

  const launch = (ports: Readonly<Record<string, string>>): Promise<RunningService> =>
    startService(name, { SERVER_ID: name, NODE_OPTIONS: `--import=${COLLECTOR}`, ...env, ...ports });
  let running = await launch({});
  const { port } = running;
  const relaunch = async (): Promise<void> => {
    past.push(running.process);
    running = await launch({ [portVariable[name]]: String(port) });
    watch();
  };
  const watch = (): void => {
    const { process } = running;
    void process.exit.then(({ code, signal }) => {
      if (expected) return;
      const last = JSON.stringify(process.lines.slice(-LAST_LINES));
      exits.push(`${name} ended with ${code ?? signal}: ${process.errors()}${last}`);
      restarting = relaunch();
    });
  };
  watch();

  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<number | null> => {
    await restarting;
    expected = true;
    running.process.kill(signal);
    return (await running.process.exit).code;
  };
  const lives = (): readonly RunningService["process"][] => [...past, running.process];
  return {
    name,
    port,
    get pid() {
      return running.process.pid;
    },
    exits,
    logged: () => lives().flatMap(({ lines }) => lines),
    errors: () =>
      lives()
        .map((process) => process.errors())
        .join(""),
    isReady: () => isReadyAt(port),
    async terminate(withinMs) {
      const impatience = new Promise<null>((resolve) => {
        setTimeout(() => resolve(null), withinMs).unref();
      });
      return Promise.race([end("SIGTERM"), impatience]);
    },
    async start() {
      // Whoever did not end when asked to is ended now.
      await end("SIGKILL");
      expected = false;
      await relaunch();
    },
    async stop() {
      await end("SIGKILL");
    },
  };
}
