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
const MAX_PORT = 65_535;

const SCHEME = /^(rediss?)(\+sentinel|\+cluster)?:\/\//i;
/** A name, an IPv4 address, or an IPv6 address in brackets; then perhaps a port. */
const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/i;
const GROUP = /^[A-Za-z0-9._-]+$/;
/** What ends a user or a password where it is not meant to, and what never stands in either. */
const SPECIAL = /[@/?#[\]\\\s]|%(?![0-9a-f]{2})/i;

const FORM =
  "must be an address such as redis://host:6379, rediss://host:6379, redis+sentinel://host:26379/group " +
  "or redis+cluster://host:6379";
const ENCODING =
  "what is special in user and password must be percent-encoded (@ as %40, / as %2F, # as %23, ? as %3F, [ as %5B, " +
  "comma as %2C, % as %25)";

/** The value of `REDIS_URL` cannot be used. The message never repeats a part of it. */
export class RedisAddressError extends Error {
  /** The sentence without the name of the variable. */
  readonly reason: string;
  readonly code = "REDIS_URL";

  constructor(reason: string) {
    super(`REDIS_URL: ${reason}`);
    this.name = "RedisAddressError";
    this.reason = reason;
  }
}

interface Credentials {
  readonly username: string | null;
  readonly password: string | null;
}

const NOBODY: Credentials = { username: null, password: null };

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RedisAddressError(ENCODING);
  }
}

function readCredentials(text: string): Credentials {
  if (SPECIAL.test(text)) throw new RedisAddressError(ENCODING);
  const colon = text.indexOf(":");
  const username = decode(colon < 0 ? text : text.slice(0, colon));
  const password = decode(colon < 0 ? "" : text.slice(colon + 1));
  if (username !== "" && password === "") {
    throw new RedisAddressError(
      `there is a user without a password: write user:password@host, or :password@host; ${ENCODING}`,
    );
  }
  return password === "" ? NOBODY : { username: username === "" ? null : username, password };
}

/** One address of the list: who logs in, if it says so, where, and what stands after the first slash. */
function readPart(text: string, defaultPort: number) {
  const at = text.lastIndexOf("@");
  const credentials = at < 0 ? null : readCredentials(text.slice(0, at));
  const place = text.slice(at + 1);
  const slash = place.indexOf("/");
  const [, ipv6, name, digits] = HOST.exec(slash < 0 ? place : place.slice(0, slash)) ?? [];
  const host = ipv6 ?? name;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (host === undefined || port < 1 || port > MAX_PORT) {
    throw new RedisAddressError(`one of the hosts is not of the form host:port; ${ENCODING}`);
  }
  const [shown = ""] = place.split("/", 1);
  return { credentials, host: { host, port }, shown, path: slash < 0 ? "" : place.slice(slash + 1) };
}

/** Who logs in: what the first address says; the others may repeat it. */
function agreeOn([first, ...others]: readonly (Credentials | null)[]): Credentials {
  const agreed = first ?? NOBODY;
  const differs = (other: Credentials | null): boolean =>
    other !== null && (other.username !== agreed.username || other.password !== agreed.password);
  if (others.some(differs)) {
    throw new RedisAddressError(
      `all hosts must have the same user and password, which the first one has to name; ${ENCODING}`,
    );
  }
  return agreed;
}

function readPath(path: string, { sentinel, cluster }: Record<"sentinel" | "cluster", boolean>) {
  const parts = path.split("/").filter((part) => part !== "");
  const sentinelGroup = sentinel ? (parts.shift() ?? "") : null;
  if (sentinelGroup !== null && !GROUP.test(sentinelGroup)) {
    throw new RedisAddressError(
      "a Sentinel address names its group at the end: redis+sentinel://host:26379/group",
    );
  }
  const [digits = "0"] = parts;
  if (!/^\d{1,4}$/.test(digits) || parts.length > 1) {
    throw new RedisAddressError(
      `what stands after the last / must be the number of a database, without ? and #; ${ENCODING}`,
    );
  }
  const db = Number(digits);
  if (cluster && db !== 0) {
    throw new RedisAddressError(
      "a Redis Cluster has only database 0; leave out what stands after the last /",
    );
  }
  return { sentinelGroup, db };
}

/**
 * Reads `redis://[user:password@]host[:port][/db]`, `rediss://` for TLS,
 * `redis+sentinel://[user:password@]host[:port],host[:port]/group[/db]`, and for Redis Cluster
 * `redis://[user:password@]host[:port],host[:port]`, or `redis+cluster://` where one address leads to all of it. Each
 * address of a list may repeat scheme, user and password of the first one.
 * @throws {RedisAddressError} saying what is wrong, without repeating what may be a password.
 */
export function readRedisAddress(url: string): RedisAddress {
  const text = url.trim();
  const [start = "", scheme = "", kind = ""] = SCHEME.exec(text) ?? [];
  if (start.length === 0 || text.length === start.length)
    throw new RedisAddressError(text.includes("@") ? `${FORM}; ${ENCODING}` : FORM);
  const [sentinel, tls] = [kind.toLowerCase() === "+sentinel", scheme.toLowerCase() === "rediss"];
  const parts = text
    .slice(start.length)
    .split(",")
    .map((each) => {
      const part = each.trim();
      const [again, itsScheme = scheme, itsKind = kind] = SCHEME.exec(part) ?? [""];
      if (itsScheme.toLowerCase() !== scheme.toLowerCase() || (itsKind || kind) !== kind) {
        throw new RedisAddressError(`all addresses of a list must begin alike; ${ENCODING}`);
      }
      return readPart(part.slice(again.length), sentinel ? DEFAULT_SENTINEL_PORT : DEFAULT_PORT);
    });
  const hosts = parts.map(({ host }) => host);
  const cluster = kind.toLowerCase() === "+cluster" || (!sentinel && hosts.length > 1);
  const path = parts.at(-1)?.path ?? "";
  if (parts.slice(0, -1).some((part) => part.path !== "")) {
    throw new RedisAddressError(`a path may stand after the last host only; ${ENCODING}`);
  }
  const { sentinelGroup, db } = readPath(path, { sentinel, cluster });
  const shownPath = [sentinelGroup, db === 0 ? null : db].filter((part) => part !== null);
  return {
    hosts,
    sentinelGroup,
    cluster,
    tls,
    ...agreeOn(parts.map(({ credentials }) => credentials)),
    db,
    display: `${start.toLowerCase()}${[parts.map(({ shown }) => shown).join(","), ...shownPath].join("/")}`,
  };
}
