import type { LedgerEvent } from "../ledger/events.ts";
import type { LocalNode } from "../node.ts";

/** What one subscription reports of one event of the ledger, in order. */
export interface Notifications {
  readonly results: readonly unknown[];
  /** Whether the subscription is over, as a signature's is once it was reported. */
  readonly final?: boolean;
}

export interface Subscription {
  readonly notification: string;
  /** Equal keys are one subscription. */
  readonly key: string;
  /** Null when the event is none of its. */
  report(event: LedgerEvent): Notifications | null;
}

/** Reads the parameters of a subscription. @throws {RpcError} */
export type Subscribe = (node: LocalNode, params: readonly unknown[]) => Subscription;

/** A notification's result with the slot it is from. */
export const inSlot = (slot: number, value: unknown) => ({ context: { slot }, value });
