import { describeProcess, type Logger } from "@commcoin/service/telemetry";
import { HEARTBEAT_INTERVAL_MS, type Registry, type ServerRecord } from "./registry.ts";

/** Changes reach the others within so long, and cost no more than two messages a second. */
const CHANGE_DELAY_MS = 500;

export interface Heartbeat {
  /** To be called when what the server says of itself changed: the others hear of it half a second later. */
  changed(): void;
  /** Why the last heartbeat failed; null when it did not. */
  problem(): string | null;
  /** Leaves the registry. Never rejects. */
  stop(): Promise<void>;
}

/** Where a heartbeat stands; each change of it is logged once. */
type State = "listed" | "superseded" | "failed";

/**
 * Keeps a server in the registry: sends what it says of itself at once and then every `HEARTBEAT_INTERVAL_MS`. A broker
 * that cannot be reached is tried again at the next turn.
 * @param describe is asked anew for each heartbeat; `service`, `server_id` and `instance` must stay the same.
 * @param port where the server answers HTTP.
 */
export function startHeartbeat({
  registry,
  describe,
  port,
  logger,
}: {
  readonly registry: Registry;
  readonly describe: () => Omit<ServerRecord, "process">;
  readonly port: () => number;
  readonly logger: Logger;
}): Heartbeat {
  let state: State = "listed";
  let sending: Promise<void> = Promise.resolve();
  let problem: string | null = null;
  let busy = false;
  let soon: NodeJS.Timeout | undefined;
  let stopped = false;

  const change = (to: State, reason?: unknown): void => {
    if (to === state) return;
    const from = state;
    state = to;
    const { server_id, service } = describe();
    if (to === "failed") {
      const error = reason instanceof Error ? reason.message : String(reason);
      logger.warn({ server_id, service, error }, "heartbeat failed; others will take this server for gone");
    } else if (to === "superseded") {
      logger.warn(
        { server_id, service },
        "another process that started later uses this SERVER_ID: give each server an id of its own",
      );
    } else {
      logger.info({ server_id, service, after: from }, "heartbeat is back");
    }
  };
  const beat = async (): Promise<void> => {
    busy = true;
    try {
      change(await registry.heartbeat({ ...describe(), process: describeProcess(port()) }));
      problem = null;
    } catch (error) {
      change("failed", error);
      problem = `The last heartbeat failed: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      busy = false;
    }
  };
  const beatUnlessBusy = (): void => {
    if (!busy) sending = beat();
  };
  const beatSoon = (): void => {
    if (stopped) return;
    soon ??= setTimeout(() => {
      soon = undefined;
      // One that is on its way may have been written before the change.
      if (busy) beatSoon();
      else sending = beat();
    }, CHANGE_DELAY_MS);
  };
  beatUnlessBusy();
  const timer = setInterval(beatUnlessBusy, HEARTBEAT_INTERVAL_MS);

  return {
    changed: beatSoon,
    problem: () => problem,
    async stop() {
      stopped = true;
      clearInterval(timer);
      clearTimeout(soon);
      // One that is still on its way would put the server back on the list.
      await sending;
      try {
        await registry.leave(describe());
      } catch {
        // The entry runs out by itself.
      }
    },
  };
}
