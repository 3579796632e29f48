import { error, ok, skipped, span, warning, type Check } from "./check.ts";
import { nameOf, type ClusterServer } from "./cluster.ts";

/** Above what a heartbeat may be late by. */
const MAX_SKEW_MS = 2_000;
/** Gateways allow tokens so much. */
const TOLERANCE_MS = 5_000;

const REMEDY =
  "have NTP set it (timedatectl, chronyc tracking); in a virtual machine or container, the clock of its host.";
const MEANS =
  "delays are measured wrong, and tokens are refused too early, or too late, where it is more than 5 s.";

const isOff = (skewMs: number): boolean => Math.abs(skewMs) > MAX_SKEW_MS;
const direction = (skewMs: number): string => `${span(skewMs)} ${skewMs > 0 ? "ahead of" : "behind"}`;
const judge = (skewMs: number): typeof error => (Math.abs(skewMs) > TOLERANCE_MS ? error : warning);

/** Of a few clocks, what most of them say. */
function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

/** Compares the clocks of Redis, of this machine and of the servers. */
export function checkClocks({
  redisAheadMs,
  adminAheadMs,
  servers,
}: {
  /** Of this machine's clock, by node of Redis; empty where it cannot be asked. */
  readonly redisAheadMs: ReadonlyMap<string, number>;
  /** Of this machine's clock, to a second. */
  readonly adminAheadMs: number | null;
  readonly servers: readonly ClusterServer[];
}): readonly Check[] {
  const told = servers.flatMap((server) =>
    // What is late says nothing about its clock.
    server.clock_skew_ms === null || server.health === "suspect"
      ? []
      : [{ server, skewMs: server.clock_skew_ms }],
  );
  const ofServers = median(told.map(({ skewMs }) => skewMs));
  const [redis] = [...redisAheadMs.values()];
  if (redis === undefined) {
    if (adminAheadMs === null)
      return [skipped("clocks.redis", "neither Redis nor the admin service tells its time")];
    if (isOff(adminAheadMs))
      return [
        judge(adminAheadMs)("clocks.servers", {
          says: `the clock of the admin service is ${direction(adminAheadMs)} this machine's`,
          means: MEANS,
          remedy: `find out which of the two is wrong: ${REMEDY}`,
        }),
      ];
    return [ok("clocks.servers", "the admin service and this machine have the same time, to a second")];
  }
  // Servers that agree with this machine against Redis show that Redis is wrong; with Redis, that this machine is.
  const redisIsOdd = isOff(redis) && ofServers !== null && isOff(ofServers) && !isOff(ofServers + redis);
  const hereIsOdd = isOff(redis) && ofServers !== null && !isOff(ofServers);
  const ofRedis = [...redisAheadMs].map(([name, aheadMs]) => {
    if (!isOff(aheadMs))
      return ok("clocks.redis", `Redis at ${name} and this machine differ by ${span(aheadMs)}`);
    const whose = redisIsOdd
      ? `the clock of Redis at ${name} is ${direction(aheadMs)} this machine's and the servers'`
      : hereIsOdd
        ? `the clock of this machine is ${direction(-aheadMs)} that of Redis at ${name} and the servers'`
        : `the clock of Redis at ${name} is ${direction(aheadMs)} this machine's`;
    return judge(aheadMs)("clocks.redis", {
      says: whose,
      means: hereIsOdd
        ? "what is read here of times is wrong; services are not concerned unless they run here."
        : MEANS,
      remedy: redisIsOdd || hereIsOdd ? REMEDY : `find out which of the two is wrong: ${REMEDY}`,
    });
  });
  const odd = told.filter(({ skewMs }) => isOff(redisIsOdd ? skewMs + redis : skewMs));
  if (odd.length > 0)
    return [
      ...ofRedis,
      ...odd.map(({ server, skewMs }) =>
        judge(skewMs)("clocks.servers", {
          subject: nameOf(server),
          says: `its clock is ${direction(skewMs)} that of Redis`,
          means: MEANS,
          remedy: `on ${server.process?.host ?? "its machine"}: ${REMEDY}`,
        }),
      ),
    ];
  if (told.length === 0) return [...ofRedis, skipped("clocks.servers", "no server tells its time")];
  return [...ofRedis, ok("clocks.servers", `those of ${told.length} servers agree with that of Redis`)];
}
