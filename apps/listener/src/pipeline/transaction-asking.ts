import { whenAborted } from "@commcoin/service/lifecycle";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { NodeRpc } from "../rpc/node-rpc.ts";
import type { Credit } from "../sources/credit.ts";
import { createAbortScope } from "../support/abort-scope.ts";
import { errorText } from "../support/error-text.ts";
import type { ThrottledLog } from "../support/throttled-log.ts";
import { fetchTransaction } from "./fetch-transaction.ts";
import type { NodeTrust } from "./node-trust.ts";
import type { SignatureLine, Taken } from "./signature-line.ts";
import type { Unavailable } from "./unavailable.ts";

export interface TransactionAskingOptions {
  /** By the urgency of what is fetched. */
  readonly rpc: Readonly<Record<"live" | "catch_up" | "audit", NodeRpc>>;
  readonly credit: Pick<Credit, "found" | "unknown">;
  readonly trust: NodeTrust;
  /** Where what is not asked for yet waits. */
  readonly line: Pick<SignatureLine, "remove">;
  readonly unavailable: Pick<Unavailable, "leave" | "lose">;
  readonly throttledLog: ThrottledLog;
  readonly metrics: Pick<ListenerMetrics, "nullFetches" | "fetchSeconds">;
}

/** Asks nodes for what was announced, with as much patience as the word of whoever announced it is worth. */
export interface TransactionAsking {
  /**
   * What a node gives; null when no node does, or it is given up: then all is done that there is to do about it.
   * @param stepAside called when nothing is to wait for it any more, while it is still asked for; at once where it is doubted.
   */
  ask(taken: Taken, signal: AbortSignal, stepAside: () => void): Promise<unknown>;
  /** A node is doubted from now on: what stands on its word alone, asked for or waiting, is left to others and to audits. */
  doubt(endpoint: string): void;
  /** Milliseconds since the longest waiting transaction was first asked for; null when none is waited for. */
  readonly longestMs: number | null;
}

/** Nodes show what they announce within this time, nearly always. */
const SUSPICIOUS_MS = 1_000;

export function createTransactionAsking({
  rpc,
  credit,
  trust,
  line,
  unavailable,
  throttledLog,
  metrics,
}: TransactionAskingOptions): TransactionAsking {
  /** When each transaction was first asked for that no node gave yet; the oldest first. */
  const fetching = new Map<string, number>();
  /** Ends of what is being fetched on the word of one stream alone. */
  const givingUp = new Map<Taken, () => void>();
  /** How what is being asked for steps aside. */
  const steps = new Map<Taken, () => void>();
  let answered = 0;

  /** Leaves to others what waits on the word of a node that is doubted. */
  const leaveWaiting = (endpoint: string): void => {
    const isLeft = (taken: Taken): boolean =>
      taken.notification.endpoint === endpoint && trust.isDoubted(taken);
    for (const { notification } of line.remove(isLeft)) unavailable.leave(notification);
  };
  /** So much was announced by a node alone that no node knows yet that the rest of it is left to others. */
  const standAside = (crowd: readonly Taken[]): void => {
    for (const member of crowd) if (trust.isDoubted(member)) steps.get(member)?.();
    const endpoint = crowd[0]?.notification.endpoint ?? null;
    if (endpoint !== null) leaveWaiting(endpoint);
  };

  const ask: TransactionAsking["ask"] = async (taken, signal, stepAside) => {
    const { signature, origin, endpoint } = taken.notification;
    if (trust.isDoubted(taken)) stepAside();
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
      rpc[trust.isDoubted(taken) ? "audit" : origin === "backfill" ? "catch_up" : origin],
      signature,
      {
        signal: scope.signal,
        answered: () => answered,
        isPatient: () => trust.isPatient(taken),
        onNull() {
          metrics.nullFetches.inc();
          const crowd = trust.unknown(taken);
          if (crowd !== null) standAside(crowd);
          if (trust.isDoubted(taken)) steps.get(taken)?.();
          if (performance.now() - startedAt > SUSPICIOUS_MS) suspect();
        },
        onTrouble: (error, retryInMs) =>
          throttledLog.warn(
            { retry_in_ms: Math.round(retryInMs), error: errorText(error) },
            "cannot fetch transactions",
          ),
      },
    );
    stopWaiting();
    givingUp.delete(taken);
    steps.delete(taken);
    trust.settled(taken);
    fetching.delete(signature);
    if (fetched === "aborted") {
      if (!signal.aborted) unavailable.leave(taken.notification);
      return null;
    }
    if ("json" in fetched) {
      answered += 1;
      if (endpoint !== null) credit.found(endpoint);
      metrics.fetchSeconds.observe((performance.now() - startedAt) / 1_000);
      return fetched.json;
    }
    unavailable.lose(taken, { reason: fetched.unavailable, final: fetched.final });
    suspect();
    return null;
  };

  return {
    ask,
    doubt(endpoint) {
      leaveWaiting(endpoint);
      for (const [taken, giveUp] of givingUp) {
        if (taken.notification.endpoint === endpoint && trust.isDoubted(taken)) giveUp();
      }
    },
    get longestMs() {
      const [oldest] = fetching.values();
      return oldest === undefined ? null : performance.now() - oldest;
    },
  };
}
