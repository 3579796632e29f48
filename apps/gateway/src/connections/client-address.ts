import { BlockList, isIP, SocketAddress } from "node:net";
import { z } from "zod";

const IPV4_MAPPED = "::ffff:";
/** Proxies in a row; who claims more than this made them up. */
const HOPS_MAX = 20;

const familyOf = (address: string): "ipv4" | "ipv6" => (isIP(address) === 4 ? "ipv4" : "ipv6");

/** An address, or a range of them in CIDR notation. */
export const addressRange = z.string().refine((text) => {
  const [address = "", prefix, ...rest] = text.split("/");
  const bits = isIP(address) === 4 ? 32 : 128;
  const prefixFits = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
  return isIP(address) !== 0 && prefixFits && rest.length === 0;
}, "must be addresses or ranges such as 10.0.0.0/8 or fd00::/8");

/** The address in one way of writing; null when the text is none. A port is left out. */
export function readAddress(text: string): string | null {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  if (isIP(bare) === 0 || bare.includes("%")) return null;
  const { address } = new SocketAddress({ address: bare, family: familyOf(bare) });
  const mapped = address.startsWith(IPV4_MAPPED) ? address.slice(IPV4_MAPPED.length) : "";
  return isIP(mapped) === 4 ? mapped : address;
}

/**
 * Tells who a client is whose connection may come through proxies: the last address in `X-Forwarded-For` that is not a
 * proxy of ours. What stands before it was written by the client, or by proxies that nobody vouches for.
 * @param trustedProxies as `addressRange` accepts them; with none, the header means nothing.
 */
export function createClientAddress(
  trustedProxies: readonly string[],
): (peer: string, forwardedFor: readonly string[]) => string {
  if (trustedProxies.length === 0) return (peer) => peer;
  const trusted = new BlockList();
  for (const range of trustedProxies) {
    const [address = "", prefix] = range.split("/");
    if (prefix === undefined) trusted.addAddress(address, familyOf(address));
    else trusted.addSubnet(address, Number(prefix), familyOf(address));
  }
  const isTrusted = (address: string): boolean =>
    isIP(address) !== 0 && trusted.check(address, familyOf(address));
  return (peer, forwardedFor) => {
    let client = peer;
    const hops = forwardedFor.flatMap((line) => line.split(",")).slice(-HOPS_MAX);
    for (const hop of hops.toReversed()) {
      if (!isTrusted(client)) return client;
      const address = readAddress(hop.trim());
      if (address === null) return client;
      client = address;
    }
    return client;
  };
}
