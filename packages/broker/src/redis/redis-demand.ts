import { checkDemand, DEMAND_TTL_MS, type Demand } from "../demand.ts";
import type { DamageLog } from "../damage.ts";
import { beginningAnew } from "./begin-anew.ts";
import type { Channels } from "./channels.ts";
import type { Commands } from "./commands.ts";
import type { Keys } from "./keys.ts";
import type { ScriptArguments, ScriptName } from "./scripts.ts";
import { orUnavailable } from "./unavailable.ts";

export function createRedisDemand({
  commands,
  channels,
  keys,
  damage,
}: {
  readonly commands: Commands;
  readonly damage: DamageLog;
  readonly channels: Pick<Channels, "join">;
  readonly keys: Keys;
}): Demand {
  const { stored, channel } = keys.demand;
  const script = (name: ScriptName, args: ScriptArguments): Promise<unknown> =>
    orUnavailable(
      beginningAnew({ commands, damage }, "demand", stored, () => commands.run(name, [...stored, ...args])),
    );
  /** Whoever misses it reads by the clock. */
  const tell = (): void => {
    commands.publish(channel, "").catch(() => {});
  };
  const apply = async (args: ScriptArguments): Promise<readonly string[]> => {
    const [changed, ...refused] = (await script("commcoinDemandChange", args)) as [number, ...string[]];
    if (changed === 1) tell();
    return refused;
  };

  return {
    async change(holder, { want, leave }, limit) {
      checkDemand(holder, [...want, ...leave]);
      return apply([holder, DEMAND_TTL_MS, limit, 0, leave.length, ...leave, ...want]);
    },
    async declare(holder, addresses, limit) {
      checkDemand(holder, addresses);
      return apply([holder, DEMAND_TTL_MS, limit, 1, 0, ...addresses]);
    },
    async withdraw(holder) {
      checkDemand(holder);
      if ((await script("commcoinDemandWithdraw", [holder])) === 1) tell();
    },
    async wanted() {
      return (await script("commcoinDemandWanted", [DEMAND_TTL_MS])) as readonly string[];
    },
    listen: (changed) => orUnavailable(channels.join(channel, () => changed())),
  };
}
