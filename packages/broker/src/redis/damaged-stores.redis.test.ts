import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { FencedError, type Broker } from "../broker.ts";
import { askRedis, startRedisServer, type RedisServer } from "../testing/index.ts";
import { createTestBrokers } from "../testing/test-brokers.ts";

const LIMIT = 10;
/** A name after which nothing of a test's is left. */
const PRESENCE = "commcoin:{presence}";
const DEMAND = "commcoin:{demand}";

const record = (instance: string, startedAt: number) => ({
  server_id: "a",
  service: "gateway" as const,
  instance,
  started_at: startedAt,
  state: "ready" as const,
  counts: {},
});

describe("damaged keys of", () => {
  let server: RedisServer;
  let broker: Broker;
  const brokers = createTestBrokers();
  const ask = (command: string, ...args: (string | number)[]): Promise<unknown> =>
    askRedis(server, command, ...args);
  /** Makes a key one of another type. */
  const replace = async (key: string, by: "SET" | "RPUSH"): Promise<void> => {
    await ask("DEL", key);
    await ask(by, key, "junk");
  };

  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterEach(async () => {
    await brokers.closeAll();
    await ask("FLUSHALL");
  });
  afterAll(() => server.stop());

  describe("a lease", () => {
    const [holder, fence] = ["commcoin:{lease:work}:holder", "commcoin:{lease:work}:fence"];

    it.each([
      ["a fence that is no number", () => ask("SET", fence, "junk")],
      ["a fence of too many digits", () => ask("SET", fence, "9".repeat(40))],
      ["a fence of another type", () => replace(fence, "RPUSH")],
    ])("give higher numbers nevertheless: %s", async (_, spoil) => {
      broker = await brokers.connect({ url: server.url });
      const first = await broker.leases.acquire("work", "a", 60_000);
      await spoil();
      if (first !== null) await broker.leases.release(first);
      const second = await broker.leases.acquire("work", "b", 60_000);
      expect(second?.fence).toBeGreaterThan(first?.fence ?? Number.POSITIVE_INFINITY);
    });

    it.each([
      ["no lease", () => ask("SET", holder, "junk")],
      ["nothing", () => ask("SET", holder, "")],
      ["a list", () => replace(holder, "RPUSH")],
    ])("end it where its holder is %s, and the one who had it loses it", async (_, spoil) => {
      broker = await brokers.connect({ url: server.url });
      const first = await broker.leases.acquire("work", "a", 60_000);
      if (first === null) throw new Error("it is free");
      await spoil();
      expect(await broker.leases.renew(first, 60_000)).toBe(false);
      const second = await broker.leases.acquire("work", "b", 60_000);
      expect(second?.fence).toBeGreaterThan(first.fence);
      await broker.leases.release(first);
      expect(await broker.leases.acquire("work", "c", 60_000)).toBeNull();
    });

    it("end it in the end where it would last for ever", async () => {
      broker = await brokers.connect({ url: server.url });
      await ask("SET", holder, "5 somebody");
      expect(await broker.leases.acquire("work", "b", 60_000)).toBeNull();
      expect(Number(await ask("PTTL", holder))).toBeGreaterThan(0);
    });
  });

  describe("the registry", () => {
    it.each([
      ["its entry is junk", () => ask("HSET", "commcoin:servers", "gateway:a", "junk")],
      ["its entry is empty", () => ask("HSET", "commcoin:servers", "gateway:a", "")],
      [
        "its entry is of a far future",
        () => ask("HSET", "commcoin:servers", "gateway:a", "99999999999999 99 x {}"),
      ],
      ["the list is a string", () => replace("commcoin:servers", "SET")],
      ["the list is a list", () => replace("commcoin:servers", "RPUSH")],
    ])("do not keep a server off the list: %s", async (_, spoil) => {
      broker = await brokers.connect({ url: server.url });
      await spoil();
      expect(await broker.registry.heartbeat(record("i", 1))).toBe("listed");
      expect(await broker.registry.servers()).toMatchObject([{ server_id: "a", instance: "i" }]);
    });
  });

  describe("demand", () => {
    it.each([
      ["seen is a list", () => replace(`${DEMAND}:seen`, "RPUSH")],
      ["pairs is a string", () => replace(`${DEMAND}:pairs`, "SET")],
      ["counts is a string", () => replace(`${DEMAND}:counts`, "SET")],
      ["a count is no number", () => ask("HSET", `${DEMAND}:counts`, "x", "junk")],
    ])("are written anew: %s", async (_, spoil) => {
      broker = await brokers.connect({ url: server.url });
      await broker.demand.declare("a", ["x"], LIMIT);
      await spoil();
      await broker.demand.declare("a", ["y"], LIMIT);
      await broker.demand.declare("a", ["x", "y"], LIMIT);
      expect([...(await broker.demand.wanted())].sort()).toEqual(["x", "y"]);
      expect(broker.damages?.().get("demand")).toBe(1);
    });
  });

  describe("presence", () => {
    it.each([
      ["holders is a string", () => replace(`${PRESENCE}:holders`, "SET")],
      ["users is a list", () => replace(`${PRESENCE}:users`, "RPUSH")],
      ["pending is a string", () => replace(`${PRESENCE}:pending`, "SET")],
      ["its users are a string", () => replace(`${PRESENCE}:held:a`, "SET")],
      ["the counter is no number", () => ask("HSET", `${PRESENCE}:holders`, "#", "junk")],
    ])("are begun anew by everybody: %s", async (_, spoil) => {
      broker = await brokers.connect({ url: server.url });
      await broker.users.join("a");
      await broker.users.change("a", { came: ["alice"], left: [] });
      await spoil();
      expect(await broker.users.change("a", { came: ["bob"], left: [] })).toBeNull();
      expect(await broker.users.keep("a")).toBe(false);
      await broker.users.join("a2");
      expect(await broker.users.change("a2", { came: ["alice", "bob"], left: [] })).toHaveLength(2);
      expect(await broker.users.count()).toBe(2);
    });

    it("lose the claims of one key alone where these are damaged", async () => {
      broker = await brokers.connect({ url: server.url });
      await broker.users.join("a");
      await broker.users.change("a", { came: ["alice"], left: [] });
      await replace(`${PRESENCE}:claims:user:x`, "SET");
      const claim = { key: "user:x", held: 0, wanted: 1, limit: 1, since: null };
      expect(await broker.users.claim("a", claim)).toMatchObject({ granted: 1 });
      expect(await broker.users.count()).toBe(1);
    });

    it("do not keep anybody sweeping for ever, or from sweeping", async () => {
      broker = await brokers.connect({ url: server.url });
      await broker.users.join("a");
      await broker.users.change("a", { came: ["alice"], left: [] });
      const junk = Array.from({ length: 1_200 }, (_, n) => [n, `junk ${n}`]).flat();
      await ask("ZADD", `${PRESENCE}:pending`, ...junk);
      await ask("HSET", `${PRESENCE}:holders`, "dead", "junk");
      await ask("HSET", `${PRESENCE}:users`, "alice", "junk");
      let sweeps = 0;
      while ((await broker.users.sweep()).more && sweeps < 10) sweeps += 1;
      expect(sweeps).toBeLessThan(10);
      expect(await ask("ZCOUNT", `${PRESENCE}:pending`, "-inf", 1_200)).toBe(0);
      expect(await ask("HEXISTS", `${PRESENCE}:holders`, "dead")).toBe(0);
      await broker.users.change("a", { came: [], left: ["alice"] });
      expect(await broker.users.count()).toBe(0);
    });
  });

  describe("what a publisher keeps", () => {
    const [values, fence] = ["commcoin:{state:work}:values", "commcoin:{state:work}:fence"];

    it.each(["SET", "RPUSH"] as const)("are empty, and written again: values after %s", async (by) => {
      broker = await brokers.connect({ url: server.url });
      await broker.states.write("work", new Map([["a", "1"]]), { fence: 5 });
      await replace(values, by);
      expect(await broker.states.read("work")).toEqual(new Map());
      await replace(values, by);
      expect(await broker.states.read("work", ["a"])).toEqual(new Map());
      await replace(values, by);
      await broker.states.write("work", new Map([["a", "2"]]), { fence: 5 });
      expect(await broker.states.read("work")).toEqual(new Map([["a", "2"]]));
      await expect(broker.states.write("work", new Map(), { fence: 4 })).rejects.toThrow(FencedError);
    });

    it.each([
      ["no number", () => ask("SET", fence, "junk")],
      ["a list", () => replace(fence, "RPUSH")],
      ["gone", () => ask("DEL", fence)],
    ])("keep earlier holders out: a fence that is %s", async (_, spoil) => {
      broker = await brokers.connect({ url: server.url });
      await broker.states.write("work", new Map([["a", "1"]]), { fence: 5 });
      await spoil();
      await expect(broker.states.write("work", new Map(), { fence: 4 })).rejects.toThrow(FencedError);
      await broker.states.write("work", new Map([["a", "2"]]), { fence: 5 });
      expect(await broker.states.read("work")).toEqual(new Map([["a", "2"]]));
    });
  });
});
