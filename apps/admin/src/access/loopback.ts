import type { IncomingHttpHeaders } from "node:http";
import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Whether an address is this machine's own, IPv4 written as IPv6 included. */
export function isLoopback(address: string | undefined): boolean {
  const plain = (address ?? "").replace(/^::ffff:(?=\d+\.)/i, "");
  const version = isIP(plain);
  return version !== 0 && loopback.check(plain, version === 4 ? "ipv4" : "ipv6");
}

/**
 * Whether a request was made on this machine. The socket's address decides; forwarding headers can only take the
 * privilege away: a proxy on this machine that names its client speaks for somebody else.
 */
export const isLocalRequest = (address: string | undefined, headers: IncomingHttpHeaders): boolean =>
  isLoopback(address) && headers["x-forwarded-for"] === undefined && headers.forwarded === undefined;
