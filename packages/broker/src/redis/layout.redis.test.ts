import { StartError } from "@commcoin/service/lifecycle";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { activity, freshTopic } from "../conformance/support.ts";
import { addAclUser } from "../testing/acl-user.ts";
import { askRedis } from "../testing/ask-redis.ts";
import { startRedisServer, type RedisServer } from "../testing/index.ts";
import { createTestBrokers } from "../testing/test-brokers.ts";
import { ACL_RIGHTS } from "./acl.ts";
import { LAYOUT } from "./layout.ts";

describe("the layout of a Redis", () => {
  let server: RedisServer;
  const brokers = createTestBrokers();
  const ask = (command: string, ...args: readonly string[]) => askRedis(server, command, ...args);
  /** Services that use another prefix share nothing. */
  const connect = (keyPrefix = "commcoin") => brokers.connect({ url: server.url, keyPrefix });

  beforeEach(async () => {
    server = await startRedisServer();
  });
  afterEach(async () => {
    await brokers.closeAll();
    await server.stop();
  });

  it("is written down by the first who starts, and is that of the next", async () => {
    await connect();
    expect(String(await ask("GET", "commcoin:layout"))).toBe(String(LAYOUT));
    await connect();
  });

  it.each([
    [String(LAYOUT + 1), "Start the newer release"],
    [String(LAYOUT - 1), "Upgrade as docs/upgrading.md says"],
    ["999", "Start the newer release"],
    ["", "Another program writes there"],
    ["2.0", "Another program writes there"],
    ["one", "Another program writes there"],
  ])("that says %j keeps a service from starting", async (found, advice) => {
    await ask("SET", "commcoin:layout", found);
    await expect(connect()).rejects.toThrow(StartError);
    await expect(connect()).rejects.toThrow(advice);
    expect(String(await ask("GET", "commcoin:layout"))).toBe(found);
    await connect("other");
  });

  it("that cannot be written or read keeps nobody from starting", async () => {
    await ask("CONFIG", "SET", "maxmemory", "1");
    await connect();
    await ask("CONFIG", "SET", "maxmemory", "0");
    await ask("HSET", "commcoin:layout", "another", "type");
    const broker = await connect();
    expect(await broker.publish([activity(freshTopic(), "after")])).toHaveLength(1);
  });

  it("needs no rights but those that are documented", async () => {
    const app = await addAclUser([server], "commcoin", ACL_RIGHTS);
    await brokers.connect({ url: app.urlFor(server.url) });
    expect(String(await ask("GET", "commcoin:layout"))).toBe(String(LAYOUT));
  });
});
