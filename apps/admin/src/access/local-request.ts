import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Whether an address is this machine's own, IPv4 written as IPv6 included. */
export function isLoopback(address: string | undefined): boolean {
  const given = address ?? "";
  const version = isIP(given);
  // A list of IPv4 ranges knows their addresses as IPv6, too.
  return version !== 0 && loopback.check(given, version === 4 ? "ipv4" : "ipv6");
}

/** Names of this machine that no name server answers for: a page of somebody else cannot have its name lead here. */
const LOOPBACK_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;
/** Who typed the address, or a page of this server. `same-site` is another port of this machine. */
const OWN_FETCH_SITES = new Set(["none", "same-origin"]);
/** What proxies tell of whom they speak for. */
const PROXY_HEADER =
  /^(?:via|forwarded|forwarded-for|x-forwarded.*|x-original-.+|x-real-ip|x-remote-.+|x-proxy.*|x-envoy-.+|cf-.+|.+-client-?ip|.*-?connecting-ip)$/;

/** A request as far as it tells where it comes from. */
export interface RequestOrigin {
  /** Of the socket. */
  readonly address: string | undefined;
  /** Names and values by turns, as they came: nothing is joined or left out. */
  readonly rawHeaders: readonly string[];
}

function isOwnOrigin(origin: string, host: string): boolean {
  const own = `http://${host}`;
  return URL.canParse(origin) && URL.canParse(own) && new URL(origin).origin === new URL(own).origin;
}

/**
 * Whether somebody on this machine asks for himself. The address of the socket alone does not say so: a page of any origin
 * can have a browser here ask, under a name of its own that leads here, and a proxy here speaks for others.
 */
export function isLocalRequest({ address, rawHeaders }: RequestOrigin): boolean {
  if (!isLoopback(address)) return false;
  const headers = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    if (PROXY_HEADER.test(name)) return false;
    headers.set(name, [...(headers.get(name) ?? []), (rawHeaders[index + 1] ?? "").trim()]);
  }
  const [host, ...otherHosts] = headers.get("host") ?? [];
  if (host === undefined || otherHosts.length > 0 || !LOOPBACK_HOST.test(host)) return false;
  const origins = headers.get("origin") ?? [];
  const sites = headers.get("sec-fetch-site") ?? [];
  return (
    origins.every((origin) => isOwnOrigin(origin, host)) && sites.every((site) => OWN_FETCH_SITES.has(site))
  );
}
