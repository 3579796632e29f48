import { commonVariables, loadConfig } from "@commcoin/service/config";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readRedisAddress } from "./address.ts";

const plain = { sentinelGroup: null, cluster: false, tls: false, username: null, password: null, db: 0 };

describe("readRedisAddress", () => {
  it.each([
    ["redis://localhost:6379", { ...plain, hosts: [{ host: "localhost", port: 6379 }] }],
    ["redis://redis", { ...plain, hosts: [{ host: "redis", port: 6379 }] }],
    [
      "rediss://cache.example:6380/2",
      { ...plain, tls: true, db: 2, hosts: [{ host: "cache.example", port: 6380 }] },
    ],
    ["redis://:s%40cret@host/", { ...plain, password: "s@cret", hosts: [{ host: "host", port: 6379 }] }],
    [
      "redis://app:s:ecret@host",
      { ...plain, username: "app", password: "s:ecret", hosts: [{ host: "host", port: 6379 }] },
    ],
    ["redis://[::1]:7000", { ...plain, hosts: [{ host: "::1", port: 7000 }] }],
    [
      "redis+sentinel://:secret@one,two:26380/mymaster/3",
      {
        ...plain,
        password: "secret",
        db: 3,
        sentinelGroup: "mymaster",
        hosts: [
          { host: "one", port: 26379 },
          { host: "two", port: 26380 },
        ],
      },
    ],
    [
      "rediss://app:secret@one:7000,rediss://two:7001,three",
      {
        ...plain,
        cluster: true,
        tls: true,
        username: "app",
        password: "secret",
        hosts: [
          { host: "one", port: 7000 },
          { host: "two", port: 7001 },
          { host: "three", port: 6379 },
        ],
      },
    ],
    ["redis+cluster://one", { ...plain, cluster: true, hosts: [{ host: "one", port: 6379 }] }],
  ])("reads %s", (url, expected) => {
    expect(readRedisAddress(url)).toMatchObject(expected);
  });

  it.each([
    "localhost:6379",
    "one:7000,two:7001",
    "redis://host:6379/2",
    "rediss://app:secret@host",
    "rediss://one:7000,rediss://two:7001",
    "redis+sentinel://one:26379,two:26379/group",
    "rediss+sentinel://one/group",
    "redis+cluster://host:6379",
    "rediss+cluster://one,two",
  ])("reads %s as the configuration passes it on", (given) => {
    const { REDIS_URL } = loadConfig(z.object(commonVariables), { REDIS_URL: given });
    const { hosts, cluster, sentinelGroup, tls } = readRedisAddress(REDIS_URL);
    expect(hosts).toHaveLength(given.split(",").length);
    expect(cluster).toBe(given.includes("+cluster") || (given.includes(",") && sentinelGroup === null));
    expect(tls).toBe(given.startsWith("rediss"));
  });

  it("shows addresses without user and password", () => {
    expect(readRedisAddress("redis://app:secret@host:1/2").display).toBe("redis://host:1/2");
    expect(readRedisAddress("rediss+sentinel://:secret@one,two/main").display).toBe(
      "rediss+sentinel://one,two/main",
    );
  });

  it.each([
    ["redis://", "must be an address"],
    ["http://:secret@host", "must be an address"],
    ["redis://:secret@host:port", "host:port"],
    ["redis://:secret@one:6379,two:6379/1", "only database 0"],
    ["redis://:secret@host/name", "number of a database"],
    ["redis+sentinel://:secret@one,two", "group"],
  ])("refuses %s without repeating the password", (url, reason) => {
    const read = () => readRedisAddress(url);
    expect(read).toThrow(reason);
    expect(read).not.toThrow("secret");
  });
});
