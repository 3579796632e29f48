import type { LogLine } from "../support/service-process.ts";
import { freePort } from "../support/free-port.ts";
import { startService, type RunningService } from "../support/start-service.ts";

type App = "gateway" | "listener" | "admin";
type Env = Readonly<Record<string, string>>;

/** A service of the cluster, in a process of its own, always on the same port. */
export interface Member {
  readonly name: string;
  readonly app: App;
  readonly port: number;
  /** What it logged since it was started last. */
  readonly lines: readonly LogLine[];
  isReady(): Promise<boolean>;
  signal(signal: NodeJS.Signals): void;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again, with more in its environment. */
  restart(more?: Env): Promise<void>;
}

const PORTS: Readonly<Record<App, string>> = {
  gateway: "WEBSOCKET_PORT",
  listener: "LISTENER_PORT",
  admin: "ADMIN_PORT",
};

export async function startMember(app: App, name: string, env: Env): Promise<Member> {
  const port = await freePort();
  const launch = (more: Env = {}): Promise<RunningService> =>
    startService(app, {
      SERVER_ID: name,
      LOG_LEVEL: "info",
      SHUTDOWN_DRAIN_SECONDS: "1",
      [PORTS[app]]: String(port),
      ...env,
      ...more,
    });
  let running = await launch();
  const kill = async (): Promise<void> => {
    running.process.kill("SIGKILL");
    await running.process.exit;
  };
  return {
    name,
    app,
    port,
    get lines() {
      return running.process.lines;
    },
    isReady: () =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    signal: (signal) => running.process.kill(signal),
    kill,
    async restart(more) {
      await kill();
      running = await launch(more);
    },
  };
}
