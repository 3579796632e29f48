import { startProcess, type ServiceProcess } from "./service-process.ts";

export interface RunningService {
  readonly process: ServiceProcess;
  /** Where it listens. */
  readonly port: number;
}

/** Runs a service on a port that the system chooses, and resolves once it says which. */
export async function startService(
  app: "gateway" | "listener" | "admin",
  env: Readonly<Record<string, string>>,
  root?: string,
): Promise<RunningService> {
  const process = startProcess(
    `apps/${app}/src/main.ts`,
    { WEBSOCKET_PORT: "0", ADMIN_PORT: "0", LISTENER_PORT: "0", ...env },
    root,
  );
  const { port } = await process.says((line) => typeof line["port"] === "number");
  return { process, port: Number(port) };
}
