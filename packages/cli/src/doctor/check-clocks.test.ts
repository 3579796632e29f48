import { expect, it } from "vitest";
import { checkClocks } from "./check-clocks.ts";
import type { ClusterServer } from "./cluster.ts";

const server = (server_id: string, clock_skew_ms: number | null): ClusterServer => ({
  server_id,
  service: "gateway",
  instance: server_id,
  state: "ready",
  age_ms: 10,
  health: "healthy",
  clock_skew_ms,
  superseded: 0,
  listener: null,
});

const findings = (redisAheadMs: number, ...skews: readonly (number | null)[]): readonly string[] =>
  checkClocks({
    redisAheadMs: new Map([["redis:6379", redisAheadMs]]),
    adminAheadMs: null,
    servers: skews.map((skew, index) => server(`g-${index + 1}`, skew)),
  })
    .filter(({ status }) => status === "warning" || status === "error")
    .map(({ status, subject, says }) => `${status} ${subject ?? ""}: ${says}`);

it("finds nothing where clocks agree, or heartbeats were a little late", () => {
  expect(findings(3, -1, -900)).toEqual([]);
  expect(findings(-1_500, null)).toEqual([]);
});

it.each([
  [
    "Redis, where the servers agree with this machine",
    [30_000, -30_010, -29_990],
    ["error : the clock of Redis at redis:6379 is 30 s ahead of this machine's and the servers'"],
  ],
  [
    "this machine, where the servers agree with Redis",
    [30_000, 5, -12],
    ["error : the clock of this machine is 30 s behind that of Redis at redis:6379 and the servers'"],
  ],
  ["one server", [1, 4_000, -3], ["warning gateway g-1: its clock is 4 s ahead of that of Redis"]],
  [
    "one of the two, where nobody else tells",
    [-3_000],
    ["warning : the clock of Redis at redis:6379 is 3 s behind this machine's"],
  ],
] as const)("says whose clock is wrong: %s", (_, [redis, ...skews], expected) => {
  expect(findings(redis, ...skews)).toEqual(expected);
});
