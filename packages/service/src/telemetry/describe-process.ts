import { hostname, networkInterfaces } from "node:os";
import { VERSION } from "./version.ts";

/** More of them tell nobody anything: a machine of many containers has hundreds. */
const MAX_ADDRESSES = 4;
const LINK_LOCAL = /^(?:fe80:|169\.254\.)/i;

/** What a process says of itself to whoever looks for it. */
export interface ProcessDescription {
  readonly version: string;
  readonly host: string;
  /** Of the machine or container, this one's own and link-local ones left out; those of IPv4 first. */
  readonly addresses: string[];
  /** Where it answers HTTP; 0 while it does not. */
  readonly port: number;
  /** Unix milliseconds by its own clock. */
  readonly clock: number;
}

export function describeProcess(port: number): ProcessDescription {
  const found = Object.values(networkInterfaces())
    .flatMap((addresses = []) => addresses)
    .filter(({ internal, address }) => !internal && !LINK_LOCAL.test(address))
    .toSorted((a, b) => a.family.localeCompare(b.family))
    .map(({ address }) => address);
  return {
    version: VERSION,
    host: hostname(),
    addresses: found.slice(0, MAX_ADDRESSES),
    port,
    clock: Date.now(),
  };
}
