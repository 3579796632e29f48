import { TokenBucket, type Rate } from "@commcoin/service/lifecycle";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { Credit } from "./credit.ts";
import type { StreamComparison } from "./stream-comparison.ts";

/** Tells frames that are not worth being read: a flood costs no more than to look at how each of its frames begins. */
export interface Surplus {
  /** Whether a frame is a notification of a node that is doubted, of which more came than is read of such a node. */
  has(endpoint: string, frame: Uint8Array): boolean;
}

export interface SurplusOptions {
  readonly credit: Pick<Credit, "isDoubted">;
  readonly comparison: Pick<StreamComparison, "isCovered">;
  /** Whether audits bring what no stream brings. */
  readonly isAudited: boolean;
  readonly metrics: Pick<ListenerMetrics, "nodeFaults">;
  readonly now?: () => number;
}

/** More than enough to see whether what a node announces is there again. */
const READ: Rate = { perSecond: 500, burst: 500 };
/** For so long, a node that is dispensable stays so: reconnects of the others bring what they missed meanwhile. */
const VALID_MS = 100;
const OBJECT = "{".charCodeAt(0);
const NAME = Buffer.from('"logsNotification"');
/** All nodes name the method at the beginning. Where one does not, its frames are read. */
const MAX_START = 96;

const isLogsNotification = (frame: Uint8Array): boolean =>
  frame[0] === OBJECT &&
  Buffer.from(frame.buffer, frame.byteOffset, Math.min(frame.length, MAX_START)).includes(NAME);

export function createSurplus({
  credit,
  comparison,
  isAudited,
  metrics,
  now = () => performance.now(),
}: SurplusOptions): Surplus {
  /** Whether other nodes and audits bring all that this one could bring. */
  const isDispensable = (endpoint: string): boolean =>
    isAudited &&
    credit.isDoubted(endpoint) &&
    comparison.isCovered(endpoint, (other) => !credit.isDoubted(other));
  const nodes = new Map<string, { readonly bucket: TokenBucket; askedAt: number; isDispensable: boolean }>();
  return {
    has(endpoint, frame) {
      const at = now();
      let node = nodes.get(endpoint);
      if (node === undefined) {
        node = { bucket: new TokenBucket(READ, at), askedAt: -Infinity, isDispensable: false };
        nodes.set(endpoint, node);
      }
      if (at - node.askedAt >= VALID_MS) {
        node.isDispensable = isDispensable(endpoint);
        node.askedAt = at;
      }
      if (!node.isDispensable || !isLogsNotification(frame) || node.bucket.take(READ, at) === 0) return false;
      metrics.nodeFaults.inc({ endpoint, kind: "surplus" });
      return true;
    },
  };
}
