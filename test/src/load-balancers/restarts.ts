import { startService, type RunningService } from "../support/start-service.ts";
import type { ServiceProcess } from "../support/service-process.ts";

/** A service that is stopped and started again at the same place, as a rolling restart does it. */
export interface Restartable {
  readonly port: number;
  readonly process: ServiceProcess;
  /** @returns the exit code of the one that was stopped, once its successor listens. */
  restart(): Promise<number | null>;
}

export async function startRestartable(
  app: "gateway" | "admin",
  port: number,
  env: Readonly<Record<string, string>>,
): Promise<Restartable> {
  const start = (): Promise<RunningService> =>
    startService(app, { ...env, [app === "gateway" ? "WEBSOCKET_PORT" : "ADMIN_PORT"]: String(port) });
  let running = await start();
  return {
    port,
    get process() {
      return running.process;
    },
    async restart() {
      running.process.kill("SIGTERM");
      const { code } = await running.process.exit;
      running = await start();
      return code;
    },
  };
}
