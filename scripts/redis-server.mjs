import { spawnSync } from "node:child_process";

const runs = (command) => spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;

export const redisServerBinary = () => process.env.COMMCOIN_REDIS_SERVER ?? "redis-server";

/** Whether a `redis-server` can be started here. */
export const hasRedisServer = () => runs(redisServerBinary());

/**
 * Makes sure that a `redis-server` can be started: installs Debian's as root where there is none.
 * @returns null, or one sentence that says how to get it.
 */
export function provideRedisServer() {
  if (hasRedisServer()) return null;
  const advice =
    "The tests need a redis-server (7 or newer) on the PATH: install your system's package, for example " +
    "`sudo apt-get install redis-server`, or name the binary in COMMCOIN_REDIS_SERVER.";
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status !== 0) {
    return advice;
  }
  process.stdout.write("Installing redis-server, which the tests start.\n");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const quietly = { env, stdio: ["ignore", "ignore", "inherit"] };
  spawnSync("apt-get", ["update", "-qq"], quietly);
  spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "redis-server"], quietly);
  return hasRedisServer() ? null : advice;
}
