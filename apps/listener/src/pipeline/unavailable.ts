import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { SignatureNotification } from "../model/notification.ts";
import type { SeenSlots } from "../progress/seen-slots.ts";
import type { UnfinishedSlots } from "../progress/unfinished-slots.ts";
import type { Credit } from "../sources/credit.ts";
import type { ThrottledLog } from "../support/throttled-log.ts";
import type { LostTransactions } from "./lost-transactions.ts";
import type { NodeTrust } from "./node-trust.ts";
import type { Taken } from "./signature-line.ts";

export interface UnavailableOptions {
  /** Whether audits look at an address, and would bring again what no node gives now. */
  readonly isAudited: (address: string) => boolean;
  /** Where what was brought is remembered; what cannot be had is forgotten there, so that it can be brought again. */
  readonly seen: Pick<SeenSlots, "forget">;
  readonly credit: Pick<Credit, "unknown">;
  readonly trust: Pick<NodeTrust, "isDoubted">;
  readonly unfinished: Pick<UnfinishedSlots, "end">;
  readonly lost: Pick<LostTransactions, "add">;
  /** No node knows what one alone announced: that another did not announce it is no loss. */
  readonly onDisowned: (signature: string) => void;
  readonly throttledLog: ThrottledLog;
  readonly metrics: Pick<ListenerMetrics, "lostFetches">;
}

/** What is done about announced transactions that are not published. */
export interface Unavailable {
  /** Nothing more is done about it here; other nodes and audits can bring it again. */
  leave(notification: SignatureNotification): void;
  /** It cannot be had. If that is not final, an audit may bring it again. */
  lose(taken: Taken, why: { readonly reason: string; readonly final: boolean }): void;
  /** A node announced what mentions no address that is followed. */
  disown(notification: SignatureNotification): void;
}

export function createUnavailable({
  isAudited,
  seen,
  credit,
  trust,
  unfinished,
  lost,
  onDisowned,
  throttledLog,
  metrics,
}: UnavailableOptions): Unavailable {
  return {
    leave({ signature, slot }) {
      seen.forget(signature);
      onDisowned(signature);
      unfinished.end(slot);
    },
    lose(taken, { reason, final }) {
      const { signature, slot, address, source, endpoint } = taken.notification;
      metrics.lostFetches.inc();
      seen.forget(signature);
      if (!taken.vouched) onDisowned(signature);
      const waits = !final && isAudited(address) && !trust.isDoubted(taken) && lost.add(taken.notification);
      if (!waits) unfinished.end(slot);
      const text = waits
        ? "an announced transaction cannot be had yet; an audit may find it"
        : "an announced transaction cannot be had";
      throttledLog.warn({ signature, slot, source, endpoint, reason }, text);
    },
    disown({ signature, slot, address, source, endpoint }) {
      if (endpoint !== null) credit.unknown(endpoint);
      onDisowned(signature);
      unfinished.end(slot);
      const text = "a node announced a transaction that mentions nothing that is followed: it is left out";
      throttledLog.warn({ signature, address, source, endpoint }, text);
    },
  };
}
