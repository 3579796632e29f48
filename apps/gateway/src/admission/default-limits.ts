import { BlockList, isIP } from "node:net";

/** A tenth of what a gateway holds: no address fills it alone, and few networks behind one address come so far. */
export const DEFAULT_CONNECTIONS_PER_ADDRESS = 1_000;
/** As many as one browser can hold open (255 in Chromium). */
export const DEFAULT_CONNECTIONS_PER_USER = 250;

/** Addresses that no stranger comes from: this machine, private networks (RFC 1918, 4193), shared and link-local ones. */
const internal = new BlockList();
for (const [network, bits] of [
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  internal.addSubnet(network, bits, "ipv4");
}
internal.addAddress("::1", "ipv6");
internal.addSubnet("fc00::", 7, "ipv6");
internal.addSubnet("fe80::", 10, "ipv6");

const isInternal = (address: string): boolean => {
  const version = isIP(address);
  return version !== 0 && internal.check(address, version === 4 ? "ipv4" : "ipv6");
};

export interface PlaceLimits {
  /** Connections of one address; 0 for any number. */
  readonly maxConnectionsPerAddress: number;
  /** Connections of one user; 0 for any number. */
  readonly maxConnectionsPerUser: number;
  /** Whether the connections of this address are counted at all. */
  readonly countsAddress: (address: string) => boolean;
}

export interface PlaceLimitsConfig {
  readonly WEBSOCKET_MAX_CONNECTIONS_PER_IP?: number | undefined;
  readonly WEBSOCKET_MAX_CONNECTIONS_PER_USER?: number | undefined;
  readonly AUTH_MODE?: "none" | "jwt" | undefined;
}

/**
 * The limits that were chosen, or else those that protect a public gateway: of addresses that strangers come from, because a
 * proxy that nobody named stands at another one and speaks for all of its clients; and of users who proved who they are,
 * because under a name that anybody can take, anybody could lock its user out.
 */
export function placeLimits(config: PlaceLimitsConfig): PlaceLimits {
  const chosen = config.WEBSOCKET_MAX_CONNECTIONS_PER_IP;
  const perUser = config.AUTH_MODE === "jwt" ? DEFAULT_CONNECTIONS_PER_USER : 0;
  return {
    maxConnectionsPerAddress: chosen ?? DEFAULT_CONNECTIONS_PER_ADDRESS,
    maxConnectionsPerUser: config.WEBSOCKET_MAX_CONNECTIONS_PER_USER ?? perUser,
    countsAddress: chosen === undefined ? (address) => !isInternal(address) : () => true,
  };
}
