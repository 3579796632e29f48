import { until } from "@commcoin/broker/testing";
import { freePort } from "../load-balancers/balancer.ts";
import { startService, type RunningService } from "../support/start-service.ts";

const READY_WITHIN_MS = 20_000;
const PORTS = { gateway: "WEBSOCKET_PORT", admin: "ADMIN_PORT", listener: "LISTENER_PORT" } as const;
type App = keyof typeof PORTS;

/** A server's id, which begins with its service: `gateway-1`, `listener-2`, `admin`. */
export type MemberName = `${App}${"" | `-${number}`}`;

export const appOf = (name: MemberName): App => {
  const [app] = name.split("-", 1);
  return app as App;
};

/** The servers of a cluster, each at a place of its own for good. */
export interface Members {
  readonly names: readonly MemberName[];
  portOf(name: MemberName): number;
  /** Stops a server as an operator does and starts a release in its place. @returns the exit code. */
  replace(name: MemberName, root: string): Promise<number | null>;
  /** Ends it as a crash does. */
  kill(name: MemberName): Promise<void>;
  signal(name: MemberName, signal: NodeJS.Signals): void;
  end(): Promise<void>;
}

/** @param root folder of the release that all of them start with. */
export async function startMembers({
  names,
  root,
  env,
}: {
  readonly names: readonly MemberName[];
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
}): Promise<Members> {
  const ports = new Map<MemberName, number>();
  for (const name of names) ports.set(name, await freePort());
  const portOf = (name: MemberName): number => ports.get(name) ?? 0;
  const start = async (name: MemberName, from: string): Promise<RunningService> => {
    const app = appOf(name);
    const own = { SERVER_ID: name, [PORTS[app]]: String(portOf(name)) };
    const service = await startService(app, { ...env, ...own }, from);
    // As a rolling restart does: the next one only goes when this one is ready.
    await until(async () => (await fetch(`http://127.0.0.1:${portOf(name)}/readyz`)).ok, {
      withinMs: READY_WITHIN_MS,
      otherwise: `${name} of ${from} does not get ready.`,
    });
    return service;
  };
  const running = new Map<MemberName, RunningService>();
  await Promise.all(names.map(async (name) => running.set(name, await start(name, root))));
  const stop = async (name: MemberName, signal: NodeJS.Signals): Promise<number | null> => {
    const old = running.get(name)?.process;
    old?.kill(signal);
    const ended = await old?.exit;
    return ended?.code ?? null;
  };
  return {
    names,
    portOf,
    async replace(name, from) {
      const code = await stop(name, "SIGTERM");
      running.set(name, await start(name, from));
      return code;
    },
    async kill(name) {
      await stop(name, "SIGKILL");
    },
    signal: (name, signal) => running.get(name)?.process.kill(signal),
    async end() {
      await Promise.all(names.map((name) => stop(name, "SIGKILL")));
    },
  };
}
