import { readAddress } from "../connections/client-address.ts";

/**
 * Tells the addresses that somebody looks for. What ends in `.` or `:` is the beginning of addresses, by whole parts:
 * `203.0.113.` or `2001:db8:`. Anything else is one address, however it is written.
 */
export function addressFilter(wanted: string | undefined): (address: string) => boolean {
  if (wanted === undefined) return () => true;
  const text = wanted.toLowerCase();
  if (/[.:]$/.test(text)) return (address) => address.startsWith(text);
  const canonical = readAddress(text);
  return (address) => address === text || address === canonical;
}
