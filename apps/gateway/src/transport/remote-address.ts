const IPV4_MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** Writes an address of 4 or 16 bytes as text; one of IPv4 that came through an IPv6 socket as IPv4. */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) return "unknown";
  if (IPV4_MAPPED.every((byte, index) => bytes[index] === byte)) return bytes.subarray(12).join(".");
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  // The longest run of zeros is left out once (RFC 5952); a shorter way to write it is not worth the code.
  return groups.join(":").replace(/(^|:)0(:0)+(:|$)/, "::");
}
