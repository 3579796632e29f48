import type { Redis } from "ioredis";
import { CLAIM_SCRIPT } from "./lua/claim-script.ts";
import { DEMAND_CHANGE_SCRIPT, DEMAND_WANTED_SCRIPT, DEMAND_WITHDRAW_SCRIPT } from "./lua/demand-scripts.ts";
import { HISTORY_SCRIPT } from "./lua/history-script.ts";
import { ACQUIRE_SCRIPT, RELEASE_SCRIPT, RENEW_SCRIPT } from "./lua/lease-scripts.ts";
import { POSITION_SCRIPT } from "./lua/position-script.ts";
import {
  PRESENCE_CHANGE_SCRIPT,
  PRESENCE_DROP_SCRIPT,
  PRESENCE_GONE_SCRIPT,
  PRESENCE_KEEP_SCRIPT,
  PRESENCE_LEAVE_SCRIPT,
} from "./lua/presence-scripts.ts";
import { publishScript } from "./lua/publish-script.ts";
import { HEARTBEAT_SCRIPT, LEAVE_SCRIPT, SERVERS_SCRIPT } from "./lua/registry-scripts.ts";
import { WRITE_STATE_SCRIPT } from "./lua/state-script.ts";

/**
 * What a connection is given to know: each script becomes a command that is sent by its hash.
 * @param sharded whether messages go through the sharded channels of a cluster.
 */
export const scriptsFor = (sharded: boolean) => ({
  // How many keys there are depends on how many messages.
  commcoinPublish: { lua: publishScript(sharded ? "SPUBLISH" : "PUBLISH") },
  commcoinHistory: { lua: HISTORY_SCRIPT, numberOfKeys: 2 },
  commcoinPosition: { lua: POSITION_SCRIPT, numberOfKeys: 2 },
  commcoinHeartbeat: { lua: HEARTBEAT_SCRIPT, numberOfKeys: 1 },
  commcoinLeave: { lua: LEAVE_SCRIPT, numberOfKeys: 1 },
  commcoinServers: { lua: SERVERS_SCRIPT, numberOfKeys: 1 },
  commcoinAcquire: { lua: ACQUIRE_SCRIPT, numberOfKeys: 2 },
  commcoinRenew: { lua: RENEW_SCRIPT, numberOfKeys: 1 },
  commcoinDemandChange: { lua: DEMAND_CHANGE_SCRIPT, numberOfKeys: 3 },
  commcoinDemandWithdraw: { lua: DEMAND_WITHDRAW_SCRIPT, numberOfKeys: 3 },
  commcoinDemandWanted: { lua: DEMAND_WANTED_SCRIPT, numberOfKeys: 3 },
  commcoinWriteState: { lua: WRITE_STATE_SCRIPT, numberOfKeys: 2 },
  commcoinRelease: { lua: RELEASE_SCRIPT, numberOfKeys: 1 },
  commcoinClaim: { lua: CLAIM_SCRIPT, numberOfKeys: 2 },
  commcoinPresenceKeep: { lua: PRESENCE_KEEP_SCRIPT, numberOfKeys: 4 },
  commcoinPresenceChange: { lua: PRESENCE_CHANGE_SCRIPT, numberOfKeys: 4 },
  commcoinPresenceLeave: { lua: PRESENCE_LEAVE_SCRIPT, numberOfKeys: 4 },
  commcoinPresenceGone: { lua: PRESENCE_GONE_SCRIPT, numberOfKeys: 4 },
  commcoinPresenceDrop: { lua: PRESENCE_DROP_SCRIPT, numberOfKeys: 4 },
});

export type ScriptName = keyof ReturnType<typeof scriptsFor>;
/** Keys first, then arguments; before them the number of keys, where the script leaves it open. */
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
