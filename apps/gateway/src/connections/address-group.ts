import { isIP } from "node:net";

/** Groups of 16 bits in the part of an IPv6 address that names a network. */
const NETWORK_GROUPS = 4;
const GROUPS = 8;

/**
 * Whose address it is, as far as limits are concerned: an address of IPv4 by itself; of IPv6 the network of 64 bits, because
 * providers give no less to one customer, who can use any address of it.
 * @param address as `formatAddress` or `SocketAddress` write it.
 */
export function addressGroup(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, GROUPS - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => "0"), ...right];
  const network = groups.slice(0, NETWORK_GROUPS).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(":")}::/64`;
}
