import type { SignatureNotification } from "../model/notification.ts";
import type { Credit } from "../sources/credit.ts";
import { createCrowds } from "./crowds.ts";
import type { Taken } from "./signature-line.ts";

export interface NodeTrustOptions {
  /** Whether audits look at an address, and would bring again what no node gives now. */
  readonly isAudited: (address: string) => boolean;
  /** What nodes are worth whose streams announced something. */
  readonly credit: Pick<Credit, "isDoubted">;
  /** Whether other nodes' streams should announce what this one does. */
  readonly hasOthers: (address: string, endpoint: string) => boolean;
  /** Transactions that are asked for at a time. */
  readonly window: number;
}

/** What the word of a node that announced something is worth. */
export interface NodeTrust {
  /** Whether the word of its node is worth little: it is doubted, or has a crowd of such while other nodes are there. */
  doubts(notification: Pick<SignatureNotification, "address" | "endpoint">): boolean;
  /** Whether it stands on such a word alone. */
  isDoubted(taken: Taken): boolean;
  /** Whether it is worth a wait of seconds where no node knows it. */
  isPatient(taken: Taken): boolean;
  /** No node knew it so far. @returns the whole crowd of its node where it makes one full; null else. */
  unknown(taken: Taken): readonly Taken[] | null;
  /** It is not asked for any more. */
  settled(taken: Taken): void;
}

/** Part of the window that one node can fill with what no node knows, before the rest of it is asked for aside. */
const CROWD_SHARE = 0.25;

export function createNodeTrust({ isAudited, credit, hasOthers, window }: NodeTrustOptions): NodeTrust {
  const crowds = createCrowds(Math.ceil(window * CROWD_SHARE));
  const doubts: NodeTrust["doubts"] = ({ address, endpoint }) => {
    if (endpoint === null) return false;
    const isSuspect = credit.isDoubted(endpoint) || (crowds.has(endpoint) && hasOthers(address, endpoint));
    return isSuspect && isAudited(address);
  };
  const isDoubted = ({ notification, vouched }: Taken): boolean => !vouched && doubts(notification);
  return {
    doubts,
    isDoubted,
    isPatient(taken) {
      const { address, endpoint } = taken.notification;
      if (taken.vouched || endpoint === null || !isAudited(address)) return true;
      return !isDoubted(taken) && !hasOthers(address, endpoint);
    },
    unknown: (taken) => crowds.add(taken),
    settled: (taken) => crowds.delete(taken),
  };
}
