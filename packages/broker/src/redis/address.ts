/** Where a Redis is and how to get in. */
export interface RedisAddress {
  /** One node, or the sentinels that know it. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  /** Name of the group that sentinels watch; null for a node. */
  readonly sentinelGroup: string | null;
  readonly tls: boolean;
  readonly username: string | null;
  readonly password: string | null;
  readonly db: number;
  /** For messages to people: no user, no password. */
  readonly display: string;
}

const DEFAULT_PORT = 6_379;
const DEFAULT_SENTINEL_PORT = 26_379;
const FORM = /^(rediss?)(\+sentinel)?:\/\/(?:([^@/]*)@)?([^/?#]+)(?:\/([^?#]*))?$/;

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
 * Reads `redis://[user:password@]host[:port][/db]`, `rediss://` for TLS, and
 * `redis+sentinel://[user:password@]host[:port],host[:port]/group[/db]`.
 * @throws saying what is wrong, without repeating what may be a password.
 */
export function readRedisAddress(url: string): RedisAddress {
  const match = FORM.exec(url.trim());
  if (match === null) {
    throw new RedisAddressError(
      "must be an address such as redis://host:6379, rediss://host:6379 or redis+sentinel://host:26379/group",
    );
  }
  const [, scheme = "", sentinel, credentials = "", hostList = "", path = ""] = match;
  const hosts = hostList
    .split(",")
    .map((host) =>
      readHost(
        host.replace(/^rediss?:\/\//, ""),
        sentinel === undefined ? DEFAULT_PORT : DEFAULT_SENTINEL_PORT,
      ),
    );
  if (sentinel === undefined && hosts.length > 1) {
    throw new RedisAddressError(
      "several nodes (Redis Cluster) are not supported; name one Redis, or use redis+sentinel://",
    );
  }
  const parts = path.split("/").filter((part) => part !== "");
  const sentinelGroup = sentinel === undefined ? null : (parts.shift() ?? "");
  if (sentinelGroup === "") {
    throw new RedisAddressError(
      "a Sentinel address names its group at the end: redis+sentinel://host:26379/group",
    );
  }
  const [db = "0"] = parts;
  if (!/^\d{1,4}$/.test(db) || parts.length > 1) {
    throw new RedisAddressError("what stands after the last / must be the number of a database");
  }
  const colon = credentials.indexOf(":");
  return {
    hosts,
    sentinelGroup,
    tls: scheme === "rediss",
    username: decode(colon < 0 ? credentials : credentials.slice(0, colon)),
    password: decode(colon < 0 ? undefined : credentials.slice(colon + 1)),
    db: Number(db),
    display: `${scheme}${sentinel ?? ""}://${hostList}${path === "" ? "" : `/${path}`}`,
  };
}
