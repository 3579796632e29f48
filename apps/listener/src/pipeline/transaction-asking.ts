import { whenAborted } from "@commcoin/service/lifecycle";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { SignatureNotification } from "../model/notification.ts";
import type { SeenSlots } from "../progress/seen-slots.ts";
import type { UnfinishedSlots } from "../progress/unfinished-slots.ts";
import type { NodeRpc } from "../rpc/node-rpc.ts";
import type { Credit } from "../sources/credit.ts";
import { createAbortScope } from "../support/abort-scope.ts";
import type { CalmLog } from "../support/calm-log.ts";
import { errorText } from "../support/error-text.ts";
import { createCrowds } from "./crowds.ts";
import { fetchTransaction } from "./fetch-transaction.ts";
import type { LostTransactions } from "./lost-transactions.ts";
import type { Taken } from "./signature-line.ts";

/** What asking needs to know of those who announce. */
export interface AskingContext {
  /** By the urgency of what is fetched. */
  readonly rpc: Readonly<Record<"live" | "catch_up" | "audit", NodeRpc>>;
  /** Whether audits look at an address, and would bring again what no node gives now. */
  readonly isAudited: (address: string) => boolean;
  /** Where what was brought is remembered; what cannot be had is forgotten there, so that it can be brought again. */
  readonly seen: Pick<SeenSlots, "forget">;
  /** What nodes are worth whose streams announced something. */
  readonly credit: Credit;
  /** Whether other nodes' streams should announce what this one does. */
  readonly hasOthers: (address: string, endpoint: string) => boolean;
  /** No node knows what one alone announced: that another did not announce it is no loss. */
  readonly onDisowned: (signature: string) => void;
  readonly calmLog: CalmLog;
  readonly metrics: ListenerMetrics;
}

export interface TransactionAskingOptions extends AskingContext {
  readonly unfinished: UnfinishedSlots;
  readonly lost: LostTransactions;
  /** So much was announced by a node alone that no node knows yet that the rest of it is left to others. */
  readonly onCrowd: (endpoint: string) => void;
  /** Transactions that are asked for at a time. */
  readonly window: number;
}

/** Asks nodes for what was announced, with as much patience as the word of whoever announced it is worth. */
export interface TransactionAsking {
  /**
   * What a node gives; null when no node does, or it is given up: then all is done that there is to do about it.
   * @param stepAside called when nothing is to wait for it any more, while it is still asked for; at once where it is doubted.
   */
  ask(taken: Taken, signal: AbortSignal, stepAside: () => void): Promise<unknown>;
  /** Nothing more is done about it here; other nodes and audits can bring it again. */
  leave(notification: SignatureNotification): void;
  /** It cannot be had. If that is not final, an audit may bring it again. */
  lose(taken: Taken, why: { readonly reason: string; readonly final: boolean }): void;
  /** Whether the word of its node is worth little: it is doubted, or has a crowd of such while other nodes are there. */
  doubts(notification: Pick<SignatureNotification, "address" | "endpoint">): boolean;
  /** Whether it stands on such a word alone. */
  isDoubted(taken: Taken): boolean;
  /** Gives up what is being asked for on the word of a node alone, which is doubted by now. */
  doubt(endpoint: string): void;
  /** Milliseconds since the longest waiting transaction was first asked for; null when none is waited for. */
  readonly longestMs: number | null;
}

/** Nodes show what they announce within this time, nearly always. */
const SUSPICIOUS_MS = 1_000;
/** Part of the window that one node can fill with what no node knows, before the rest of it is asked for aside. */
const CROWD_SHARE = 0.25;

export function createTransactionAsking({
  rpc,
  isAudited,
  seen,
  credit,
  hasOthers,
  onDisowned,
  unfinished,
  lost,
  onCrowd,
  window,
  calmLog,
  metrics,
}: TransactionAskingOptions): TransactionAsking {
  /** When each transaction was first asked for that no node gave yet; the oldest first. */
  const fetching = new Map<string, number>();
  let answered = 0;

  const doubts: TransactionAsking["doubts"] = ({ address, endpoint }) => {
    if (endpoint === null) return false;
    const isSuspect = credit.isDoubted(endpoint) || (crowds.has(endpoint) && hasOthers(address, endpoint));
    return isSuspect && isAudited(address);
  };
  const isDoubted = ({ notification, vouched }: Taken): boolean => !vouched && doubts(notification);
  const isPatient = (taken: Taken): boolean => {
    const { address, endpoint } = taken.notification;
    if (taken.vouched || endpoint === null || !isAudited(address)) return true;
    return !isDoubted(taken) && !hasOthers(address, endpoint);
  };

  const leave = ({ signature, slot }: SignatureNotification): void => {
    seen.forget(signature);
    onDisowned(signature);
    unfinished.end(slot);
  };
  /** Ends of what is being fetched on the word of one stream alone. */
  const givingUp = new Map<Taken, () => void>();
  /** How what is being asked for steps aside. */
  const steps = new Map<Taken, () => void>();
  const crowds = createCrowds(Math.ceil(window * CROWD_SHARE), (endpoint, members) => {
    for (const member of members) if (isDoubted(member)) steps.get(member)?.();
    onCrowd(endpoint);
  });

  const lose: TransactionAsking["lose"] = (taken, { reason, final }) => {
    const { signature, slot, address, source, endpoint } = taken.notification;
    metrics.lostFetches.inc();
    seen.forget(signature);
    if (!taken.vouched) onDisowned(signature);
    const waits = !final && isAudited(address) && !isDoubted(taken) && lost.add(taken.notification);
    if (!waits) unfinished.end(slot);
    const text = waits
      ? "an announced transaction cannot be had yet; an audit may find it"
      : "an announced transaction cannot be had";
    calmLog.warn({ signature, slot, source, endpoint, reason }, text);
  };

  const ask: TransactionAsking["ask"] = async (taken, signal, stepAside) => {
    const { signature, origin, endpoint } = taken.notification;
    if (isDoubted(taken)) stepAside();
    else steps.set(taken, stepAside);
    const startedAt = performance.now();
    fetching.set(signature, startedAt);
    let suspected = false;
    const suspect = (): void => {
      if (suspected || endpoint === null || origin !== "live") return;
      suspected = true;
      credit.unknown(endpoint);
    };
    const scope = createAbortScope();
    const stopWaiting = whenAborted(signal, () => scope.abort(signal.reason));
    if (!taken.vouched) givingUp.set(taken, () => scope.abort());
    const fetched = await fetchTransaction(
      rpc[isDoubted(taken) ? "audit" : origin === "backfill" ? "catch_up" : origin],
      signature,
      {
        signal: scope.signal,
        answered: () => answered,
        isPatient: () => isPatient(taken),
        onNull() {
          metrics.nullFetches.inc();
          crowds.add(taken);
          if (isDoubted(taken)) steps.get(taken)?.();
          if (performance.now() - startedAt > SUSPICIOUS_MS) suspect();
        },
        onTrouble: (error, retryInMs) =>
          calmLog.warn(
            { retry_in_ms: Math.round(retryInMs), error: errorText(error) },
            "cannot fetch transactions",
          ),
      },
    );
    stopWaiting();
    givingUp.delete(taken);
    steps.delete(taken);
    crowds.delete(taken);
    fetching.delete(signature);
    if (fetched === "aborted") {
      if (!signal.aborted) leave(taken.notification);
      return null;
    }
    if ("json" in fetched) {
      answered += 1;
      if (endpoint !== null) credit.found(endpoint);
      metrics.fetchSeconds.observe((performance.now() - startedAt) / 1_000);
      return fetched.json;
    }
    lose(taken, { reason: fetched.unavailable, final: fetched.final });
    suspect();
    return null;
  };

  return {
    ask,
    leave,
    lose,
    doubts,
    isDoubted,
    doubt(endpoint) {
      for (const [taken, giveUp] of givingUp) {
        if (taken.notification.endpoint === endpoint && isDoubted(taken)) giveUp();
      }
    },
    get longestMs() {
      const [oldest] = fetching.values();
      return oldest === undefined ? null : performance.now() - oldest;
    },
  };
}
