import { describe, expect, it } from "vitest";
import type { Listeners, Server } from "./api/types.ts";
import { clusterProblems, countServers } from "./cluster-health.ts";

const server = (fields: Partial<Server> = {}): Server => ({
  server_id: "one",
  service: "gateway",
  instance: "i",
  started_at: 0,
  state: "ready",
  counts: {},
  age_ms: 500,
  health: "healthy",
  clock_skew_ms: 0,
  superseded: 0,
  ...fields,
});

type Listener = Listeners["listeners"][number];
type Status = NonNullable<Listener["status"]>;
const listener = (role: Status["role"] | null, state: Status["sources"][number]["state"] = "live", age = 0) =>
  ({
    server_id: "l-1",
    status:
      role === null ? null : { role, sources: [{ name: "program", state, streams: [{ slot_age_ms: age }] }] },
  }) as unknown as Listener;
const WELL = [listener("leader"), listener("standby", "backing_off")];

describe("clusterProblems", () => {
  it("finds none where all is well, and none of listeners that are not known yet", () => {
    expect(clusterProblems([server()], WELL)).toEqual([]);
    expect(clusterProblems([server()], undefined)).toEqual([]);
  });

  it.each([
    [{ health: "suspect", age_ms: 9_400 }, "The gateway one has sent no heartbeat for 9 s."],
    [{ state: "not_ready" }, "The gateway one is not ready; its /readyz says why."],
    [{ state: "draining" }, "The gateway one is draining."],
    [{ superseded: 1 }, "Another process uses the id of the gateway one: each needs a SERVER_ID of its own."],
    [{ clock_skew_ms: 4_200 }, "The clock of the gateway one is 4 s ahead of the broker's."],
    [{ clock_skew_ms: -61_000 }, "The clock of the gateway one is 1 min 1 s behind the broker's."],
  ] as const)("tells of a server that is %j", (fields, problem) => {
    expect(clusterProblems([server(fields)], WELL)).toEqual([problem]);
  });

  it("tells that there is no gateway", () => {
    expect(clusterProblems([], WELL)[0]).toMatch(/^No gateway/);
  });

  it.each([
    [[], /^No listener is in/],
    [[listener("standby")], /^No listener leads/],
    [[listener("leader", "backing_off")], /program of l-1 is backing off/],
    [[listener("leader", "live", 20_000)], /new slot/],
  ])("tells what keeps the chain from being published: %#", (listeners, problem) => {
    expect(clusterProblems([server()], listeners)).toEqual([expect.stringMatching(problem)]);
  });

  it.each([[[listener("off")]], [[listener("standby"), listener(null)]], [[listener("leader", "off")]]])(
    "takes nothing for a problem that is meant to be, or not known: %#",
    (listeners) => {
      expect(clusterProblems([server()], listeners)).toEqual([]);
    },
  );
});

it("counts servers in words", () => {
  expect(countServers([server(), server(), server({ service: "admin" })])).toBe(
    "2 gateways, 0 listeners, 1 admin",
  );
});
