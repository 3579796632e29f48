import type { Redis } from "ioredis";
import { HISTORY_SCRIPT } from "./lua/history-script.ts";
import { ACQUIRE_SCRIPT, RELEASE_SCRIPT, RENEW_SCRIPT } from "./lua/lease-scripts.ts";
import { POSITION_SCRIPT } from "./lua/position-script.ts";
import { publishScript } from "./lua/publish-script.ts";
import { HEARTBEAT_SCRIPT, LEAVE_SCRIPT, SERVERS_SCRIPT } from "./lua/registry-scripts.ts";
import { WRITE_STATE_SCRIPT } from "./lua/state-script.ts";

/** What a connection is given to know: each script becomes a command that is sent by its hash. */
export const SCRIPTS = {
  commcoinPublish: { lua: publishScript("PUBLISH"), numberOfKeys: 4 },
  commcoinHistory: { lua: HISTORY_SCRIPT, numberOfKeys: 2 },
  commcoinPosition: { lua: POSITION_SCRIPT, numberOfKeys: 2 },
  commcoinHeartbeat: { lua: HEARTBEAT_SCRIPT, numberOfKeys: 1 },
  commcoinLeave: { lua: LEAVE_SCRIPT, numberOfKeys: 1 },
  commcoinServers: { lua: SERVERS_SCRIPT, numberOfKeys: 1 },
  commcoinAcquire: { lua: ACQUIRE_SCRIPT, numberOfKeys: 2 },
  commcoinRenew: { lua: RENEW_SCRIPT, numberOfKeys: 1 },
  commcoinWriteState: { lua: WRITE_STATE_SCRIPT, numberOfKeys: 2 },
  commcoinRelease: { lua: RELEASE_SCRIPT, numberOfKeys: 1 },
} as const;

export type ScriptName = keyof typeof SCRIPTS;
/** Keys first, then arguments. */
export type ScriptArguments = readonly (string | number)[];

type Commands = Record<ScriptName | `${ScriptName}Buffer`, (...args: ScriptArguments) => Promise<unknown>>;

/** Runs one script; text in the reply is decoded. */
export const runScript = (redis: Redis, name: ScriptName, args: ScriptArguments): Promise<unknown> =>
  (redis as unknown as Commands)[name](...args);

/** Runs one script; text in the reply stays bytes. */
export const runScriptBuffer = (redis: Redis, name: ScriptName, args: ScriptArguments): Promise<unknown> =>
  (redis as unknown as Commands)[`${name}Buffer`](...args);

export type ScriptOutcome = readonly [error: Error | null, reply: unknown];

/** Runs a script once for each list of arguments, in one write. Never rejects. */
export async function runScripts(
  redis: Redis,
  name: ScriptName,
  calls: readonly ScriptArguments[],
): Promise<readonly ScriptOutcome[]> {
  const pipeline = redis.pipeline();
  for (const args of calls) void (pipeline as unknown as Commands)[name](...args);
  return (await pipeline.exec()) ?? [];
}
