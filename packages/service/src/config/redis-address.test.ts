import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { commonVariables } from "./common.ts";
import { loadConfig } from "./load-config.ts";
import { readRedisAddress } from "./redis-address.ts";

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

const MIN_PART = 4;
/** No message of ours has these, so that what is found there can only be of the secret. */
const ONLY_IN_SECRETS = "ÄÖÜ§ЖЩQ".split("");

/** Whether a text has a part of a secret in it that no message has of itself, such as the ", / " of a list of signs. */
function betrays(text: string, secret: string): boolean {
  for (let start = 0; start + MIN_PART <= secret.length; start += 1) {
    const part = secret.slice(start, start + MIN_PART);
    if (ONLY_IN_SECRETS.some((letter) => part.includes(letter)) && text.includes(part)) return true;
  }
  return false;
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** What reading an address says or throws, as people may see it, and what came of it. */
function outcomeOf(url: string) {
  try {
    const { display, ...address } = readRedisAddress(url);
    return { shown: display, address };
  } catch (error) {
    return { shown: `${inspect(error)} ${JSON.stringify(error)}`, address: null };
  }
}

describe("credentials in the address of Redis", () => {
  const secret = fc.string({
    unit: fc.constantFrom(...ONLY_IN_SECRETS, ...`0q@%#/:?[]&=+ ,\\"'`.split("")),
    minLength: 1,
    maxLength: 24,
  });
  const HOSTS = ["redis.test:6379", "s1.test:26379,s2.test/main", "n1.test:7000,n2.test:7001"];
  const scheme = (hosts: string): string => (hosts.endsWith("/main") ? "redis+sentinel" : "redis");

  it("are taken as they were meant when they are percent-encoded, and never shown", () => {
    fc.assert(
      fc.property(secret, secret, fc.constantFrom(...HOSTS), (username, password, hosts) => {
        const url = `${scheme(hosts)}://${encodeURIComponent(username)}:${encodeURIComponent(password)}@${hosts}`;
        const { shown, address } = outcomeOf(url);
        expect(address).toMatchObject({ username, password });
        expect(betrays(shown, password) || betrays(shown, encodeURIComponent(password))).toBe(false);
      }),
    );
  });

  it("are taken as they were meant or refused when they are not, and never shown", () => {
    fc.assert(
      fc.property(secret, fc.constantFrom(...HOSTS), (password, hosts) => {
        const { shown, address } = outcomeOf(`${scheme(hosts)}://alice:${password}@${hosts}`);
        expect(betrays(shown, password)).toBe(false);
        const asMeant = [password, decoded(password)].includes(address?.password ?? "");
        const isRefused = address === null && /REDIS_URL.*percent-encoded/s.test(shown);
        expect(asMeant || isRefused).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    "redis://alice:Mo@n77@host:6379",
    "redis://alice:Mo%n77@host:6379",
    "redis://alice:Mo#n77@host:6379",
    "redis://alice:Mo/n77@host:6379",
    "redis://alice:Mo?n77@host:6379",
    "redis://alice:Mo[n77@host:6379",
    "redis://alice:Mo,n77@host:6379",
    "redis://alice:12,Mo:n77@host:6379",
    "redis://:Mo%FFn77@host",
    "redis://Mon77@host:6379",
    "redis://one,redis://:Mon77@two",
    "redis://:Mon77@one,redis://:Mon78@two",
    "redis+sentinel://:Mon77@one,:Mon78@two/main",
    "alice:Mo@n77@host",
  ])("are refused in %s, with what to do", (url) => {
    const read = () => loadConfig(z.object(commonVariables), { REDIS_URL: url });
    expect(read).toThrow(/REDIS_URL: .*percent-encoded/);
    expect(read).not.toThrow(/Mo|n7/);
  });

  it.each([
    ["redis://:pw-one@one,redis://:pw-one@two:7001", { username: null, password: "pw-one" }],
    ["redis+sentinel://app:a%2Cb@one,app:a%2Cb@two/main", { username: "app", password: "a,b" }],
    ["redis://:Mo:n77@one,two", { username: null, password: "Mo:n77" }],
    ["redis://app:%25%40%23%2F@host", { username: "app", password: "%@#/" }],
  ])("of %s are those of all hosts", (url, expected) => {
    expect(readRedisAddress(url)).toMatchObject(expected);
    expect(readRedisAddress(url).display).not.toMatch(/pw|Mo|n77|app|@/);
  });
});
