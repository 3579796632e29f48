import { SLOTS } from "./slot.ts";

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

export const nameOf = ({ host, port }: HostAndPort): string => `${host}:${port}`;

/** What one node says of another one, or of itself. */
interface NodeLine extends HostAndPort {
  readonly master: boolean;
  /** Grows whenever slots change hands; of two masters that claim a slot the one with the higher epoch is right. */
  readonly epoch: number;
  readonly ranges: readonly (readonly [first: number, last: number])[];
}

/** Who holds which slot, and every address at which a node was seen. */
export interface ClusterMap {
  /** By slot; null where nobody is known to hold it. */
  readonly owners: readonly (HostAndPort | null)[];
  readonly addresses: readonly HostAndPort[];
}

/** One node's answer to `CLUSTER NODES`. */
export interface ClusterView {
  /** Where the answer came from: a node does not always know its own address. */
  readonly from: HostAndPort;
  readonly text: string;
}

const ADDRESS = /^(.*):(\d+)(?:@\d+)?(?:,([^,]*).*)?$/;

function readLine(line: string, from: HostAndPort, preferName: boolean): NodeLine | null {
  const [, address = "", flagText = "", , , , epoch = "", , ...slots] = line.split(" ");
  const match = ADDRESS.exec(address);
  const flags = flagText.split(",");
  if (match === null || flags.includes("noaddr") || flags.includes("handshake")) return null;
  const [, ip = "", port = "", hostname = ""] = match;
  const host = preferName && hostname !== "" ? hostname : ip;
  return {
    ...(flags.includes("myself") && host === "" ? from : { host, port: Number(port) }),
    master: flags.includes("master"),
    epoch: Number(epoch),
    // Slots on their way to another node look like `[93-<-id]`: they belong to whoever lists them without brackets.
    ranges: slots.flatMap((slot) => {
      const range = /^(\d+)(?:-(\d+))?$/.exec(slot);
      return range === null ? [] : [[Number(range[1]), Number(range[2] ?? range[1])] as const];
    }),
  };
}

/**
 * Puts together what several nodes say of a cluster, by the rule that the nodes follow themselves: the claim with the higher
 * configuration epoch wins. So neither a node that has not heard of a failover yet nor an old master that wakes up misleads.
 * @param preferName takes host names, which certificates are made out to, where nodes announce them.
 */
export function readClusterMap(views: readonly ClusterView[], preferName: boolean): ClusterMap {
  const owners = Array.from({ length: SLOTS }, (): HostAndPort | null => null);
  const epochs = new Float64Array(SLOTS).fill(-1);
  const addresses = new Map<string, HostAndPort>();
  for (const { from, text } of views) {
    for (const line of text.split("\n")) {
      const node = readLine(line, from, preferName);
      if (node === null || node.host === "") continue;
      const owner = { host: node.host, port: node.port };
      addresses.set(nameOf(owner), owner);
      if (!node.master) continue;
      for (const [first, last] of node.ranges) {
        for (let slot = first; slot <= Math.min(last, SLOTS - 1); slot += 1) {
          if ((epochs[slot] ?? 0) >= node.epoch) continue;
          epochs[slot] = node.epoch;
          owners[slot] = owner;
        }
      }
    }
  }
  return { owners, addresses: [...addresses.values()] };
}
