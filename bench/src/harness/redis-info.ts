import { Redis } from "ioredis";
import type { Scope } from "./scope.ts";

/** What a Redis server tells about itself. */
export interface RedisInfo {
  /** User and system time of the server, in microseconds. */
  cpuMicros(): Promise<number>;
  /** How often a command was run since the server began, in scripts or not. */
  calls(command: string): Promise<number>;
}

export function readRedisInfo(scope: Scope, url: string): RedisInfo {
  const redis = new Redis(url);
  scope.add(() => redis.disconnect());
  const field = (text: string, name: string): number =>
    Number(new RegExp(`^${name}:(?:calls=)?([\\d.]+)`, "m").exec(text)?.[1] ?? 0);
  return {
    async cpuMicros() {
      const text = await redis.info("cpu");
      return Math.round((field(text, "used_cpu_sys") + field(text, "used_cpu_user")) * 1_000_000);
    },
    calls: async (command) => field(await redis.info("commandstats"), `cmdstat_${command}`),
  };
}
