import { createBackoff, sleep } from "@commcoin/service/lifecycle";
import { MAX_TRANSACTION_VERSION, type NodeRpc } from "../rpc/node-rpc.ts";
import { blamesRequest, isTransient } from "../rpc/transient.ts";
import { UnreadableAnswer } from "../rpc/unreadable-answer.ts";
import { errorText } from "../support/error-text.ts";

export type Fetched =
  /** A node's answer, to be decoded; where that fails, no node gave a better one. */
  | { readonly json: unknown }
  /** No node gave it. Final: each says that it cannot be asked for. */
  | { readonly unavailable: string; readonly final: boolean }
  /** The signal aborted. */
  | "aborted";

export interface FetchOptions {
  readonly signal: AbortSignal;
  /**
   * Transactions that nodes gave so far, whichever: while that does not grow, what they refuse is waited for. Without it,
   * they are taken to be well.
   */
  readonly answered?: () => number;
  readonly onNull: () => void;
  /** Whether it is worth a wait of seconds where the node does not know it; always, without it. */
  readonly isPatient?: () => boolean;
  /** Nodes cannot be asked for now; it is tried again after so many milliseconds. */
  readonly onTrouble: (error: unknown, retryInMs: number) => void;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * A node often announces a transaction before it can show it, mostly for a few hundred milliseconds
 * (https://github.com/solana-labs/solana/issues/35504). The first retry is soon: all transactions behind it wait as well.
 */
const NULL_DELAYS_MS = [25, 75, 200, 400, 800, 1_600, 1_600];
/** So often, 300 ms in all, what is asked for without patience is asked for again. */
const HASTY_NULLS = 3;
const TROUBLE_BACKOFF = { minMs: 500, maxMs: 10_000 };
/** A transaction that nodes refuse so often while they give others is a trouble of its own. */
const MAX_REFUSALS = 3;
/** After each of these, all nodes are asked again for what none gave in a form that can be read. */
const UNREADABLE_DELAYS_MS = [50, 200];

/**
 * Asks for a confirmed transaction until it is there. Waits for as long as no node can be reached, and while nodes refuse
 * every transaction for reasons of their own, such as a key that expired.
 */
export async function fetchTransaction(
  rpc: NodeRpc,
  signature: string,
  { signal, answered, onNull, isPatient = () => true, onTrouble, wait = sleep }: FetchOptions,
): Promise<Fetched> {
  const backoff = createBackoff(TROUBLE_BACKOFF);
  let nulls = 0;
  let refusals = 0;
  let unreadable = 0;
  const answeredBefore = answered?.();
  while (!signal.aborted) {
    try {
      const json = await rpc
        .getTransaction(signature, {
          encoding: "json",
          commitment: "confirmed",
          maxSupportedTransactionVersion: MAX_TRANSACTION_VERSION,
        })
        .send({ abortSignal: signal });
      if (json !== null) return { json };
      onNull();
      const delayMs = NULL_DELAYS_MS[nulls];
      if (delayMs === undefined || (nulls >= HASTY_NULLS && !isPatient()))
        return { unavailable: "the node does not know it", final: false };
      nulls += 1;
      await wait(delayMs, signal);
    } catch (error) {
      if (signal.aborted) break;
      if (error instanceof UnreadableAnswer) {
        const delayMs = UNREADABLE_DELAYS_MS[unreadable];
        if (delayMs === undefined) return { json: error.result };
        unreadable += 1;
        await wait(delayMs, signal);
        continue;
      }
      if (!isTransient(error)) {
        const areWell = answered === undefined || answered() !== answeredBefore;
        if (areWell) refusals += 1;
        // Nodes blame a request for what is wrong with a key or a plan as well: that proves nothing while they give nothing.
        if (refusals >= MAX_REFUSALS) return { unavailable: errorText(error), final: blamesRequest(error) };
      }
      const delayMs = backoff.next();
      onTrouble(error, delayMs);
      await wait(delayMs, signal);
    }
  }
  return "aborted";
}
