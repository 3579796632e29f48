import { eventually } from "@commcoin/tsconfig/eventually";
import { freePort } from "../load-balancers/balancer.ts";
import { startService, type RunningService } from "../support/start-service.ts";

const APPS = {
  "gateway-1": "gateway",
  "gateway-2": "gateway",
  admin: "admin",
  "listener-1": "listener",
  "listener-2": "listener",
} as const;
const PORT_OF = { gateway: "WEBSOCKET_PORT", admin: "ADMIN_PORT", listener: "LISTENER_PORT" } as const;

const READY_WITHIN_MS = 20_000;

export type Member = keyof typeof APPS;
export const MEMBERS = Object.keys(APPS) as readonly Member[];

/** The servers of a small cluster, each at a place of its own for good. */
export interface Members {
  readonly gatewayPorts: readonly number[];
  readonly adminPort: number;
  /** Stops a server as an operator does and starts another release in its place. @returns the exit code. */
  replace(member: Member, root: string): Promise<number | null>;
  end(): Promise<void>;
}

export async function startMembers({
  root,
  env,
}: {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
}): Promise<Members> {
  const ports = new Map<Member, number>();
  for (const member of MEMBERS) ports.set(member, await freePort());
  const portOf = (member: Member): number => ports.get(member) ?? 0;
  const start = async (member: Member, from: string): Promise<RunningService> => {
    const app = APPS[member];
    const service = await startService(
      app,
      { ...env, SERVER_ID: member, [PORT_OF[app]]: String(portOf(member)) },
      from,
    );
    // As a rolling restart does: the next one only goes when this one is ready.
    await eventually(async () => {
      const answer = await fetch(`http://127.0.0.1:${portOf(member)}/readyz`);
      if (!answer.ok) throw new Error(`${member} of ${from} is not ready: ${await answer.text()}`);
    }, READY_WITHIN_MS);
    return service;
  };
  const running = new Map<Member, RunningService>();
  await Promise.all(MEMBERS.map(async (member) => running.set(member, await start(member, root))));
  return {
    gatewayPorts: [portOf("gateway-1"), portOf("gateway-2")],
    adminPort: portOf("admin"),
    async replace(member, from) {
      const old = running.get(member)?.process;
      old?.kill("SIGTERM");
      const ended = await old?.exit;
      running.set(member, await start(member, from));
      return ended?.code ?? null;
    },
    async end() {
      for (const { process } of running.values()) process.kill("SIGKILL");
      await Promise.all([...running.values()].map(({ process }) => process.exit));
    },
  };
}
