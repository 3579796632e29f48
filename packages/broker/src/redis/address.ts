/** Where a Redis is and how to get in. */
export interface RedisAddress {
  /** One Redis, the sentinels that know it, or nodes of a cluster that know the others. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  /** Name of the group that sentinels watch; null for a node. */
  readonly sentinelGroup: string | null;
  /** Whether it is a Redis Cluster. */
  readonly cluster: boolean;
  readonly tls: boolean;
  readonly username: string | null;
  readonly password: string | null;
  readonly db: number;
  /** For messages to people: no user, no password. */
  readonly display: string;
}

const DEFAULT_PORT = 6_379;
const DEFAULT_SENTINEL_PORT = 26_379;
const FORM = /^(rediss?)(\+sentinel|\+cluster)?:\/\/(?:([^@/]*)@)?([^/?#]+)(?:\/([^?#]*))?$/;

class RedisAddressError extends Error {
  constructor(reason: string) {
    super(`REDIS_URL: ${reason}`);
    this.name = "RedisAddressError";
    Object.assign(this, { code: "REDIS_URL" });
  }
}

function readHost(text: string, defaultPort: number): { readonly host: string; readonly port: number } {
  const url = `redis://${text.trim()}`;
  if (!URL.canParse(url)) throw new RedisAddressError("one of the hosts is not of the form host:port");
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: port === "" ? defaultPort : Number(port) };
}

const decode = (text: string | undefined): string | null =>
  text === undefined || text === "" ? null : decodeURIComponent(text);

/**
 * Reads `redis://[user:password@]host[:port][/db]`, `rediss://` for TLS,
 * `redis+sentinel://[user:password@]host[:port],host[:port]/group[/db]`, and for Redis Cluster
 * `redis://[user:password@]host[:port],host[:port]`, or `redis+cluster://` where one address leads to all of it.
 * @throws saying what is wrong, without repeating what may be a password.
 */
export function readRedisAddress(url: string): RedisAddress {
  const match = FORM.exec(url.trim().replaceAll(/,\s*rediss?:\/\//g, ","));
  if (match === null) {
    throw new RedisAddressError(
      "must be an address such as redis://host:6379, rediss://host:6379, redis+sentinel://host:26379/group " +
        "or redis+cluster://host:6379",
    );
  }
  const [, scheme = "", kind, credentials = "", hostList = "", path = ""] = match;
  const sentinel = kind === "+sentinel";
  const hosts = hostList
    .split(",")
    .map((host) => readHost(host, sentinel ? DEFAULT_SENTINEL_PORT : DEFAULT_PORT));
  const cluster = kind === "+cluster" || (!sentinel && hosts.length > 1);
  const parts = path.split("/").filter((part) => part !== "");
  const sentinelGroup = !sentinel ? null : (parts.shift() ?? "");
  if (sentinelGroup === "") {
    throw new RedisAddressError(
      "a Sentinel address names its group at the end: redis+sentinel://host:26379/group",
    );
  }
  const [db = "0"] = parts;
  if (!/^\d{1,4}$/.test(db) || parts.length > 1) {
    throw new RedisAddressError("what stands after the last / must be the number of a database");
  }
  if (cluster && Number(db) !== 0) {
    throw new RedisAddressError(
      "a Redis Cluster has only database 0; leave out what stands after the last /",
    );
  }
  const colon = credentials.indexOf(":");
  return {
    hosts,
    sentinelGroup,
    cluster,
    tls: scheme === "rediss",
    username: decode(colon < 0 ? credentials : credentials.slice(0, colon)),
    password: decode(colon < 0 ? undefined : credentials.slice(colon + 1)),
    db: Number(db),
    display: `${scheme}${kind ?? ""}://${hostList}${path === "" ? "" : `/${path}`}`,
  };
}
