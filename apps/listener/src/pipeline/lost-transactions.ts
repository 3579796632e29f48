import type { UnfinishedSlots } from "./unfinished-slots.ts";

/**
 * Transactions that a node announced and then did not know. They keep their slots unfinished, so that no watermark
 * passes them, until an audit lists and brings them again; or until so many audits did not that they are given up.
 */
export interface LostTransactions {
  /** @returns false when it was tried too often: it is given up. */
  add(signature: string, slot: number): boolean;
  /** It is brought again. @returns whether it was lost, and its slot is unfinished already. */
  found(signature: string): boolean;
  /** An audit of all addresses went by. @returns those that are given up with it. */
  audited(): readonly string[];
}

const MAX_ATTEMPTS = 5;
/** Audits without it: a fork that was lost takes its transactions along. */
const MAX_AUDITS = 5;
/** More are given up at once: a node that loses so many has a trouble that waiting does not cure. */
const CAPACITY = 10_000;

interface Lost {
  readonly slot: number;
  readonly attempts: number;
  audits: number;
  waiting: boolean;
}

export function createLostTransactions(unfinished: UnfinishedSlots): LostTransactions {
  const lost = new Map<string, Lost>();
  return {
    add(signature, slot) {
      const attempts = (lost.get(signature)?.attempts ?? 0) + 1;
      lost.delete(signature);
      if (attempts >= MAX_ATTEMPTS || lost.size >= CAPACITY) return false;
      lost.set(signature, { slot, attempts, audits: 0, waiting: true });
      return true;
    },
    found(signature) {
      const entry = lost.get(signature);
      if (entry === undefined) return false;
      entry.waiting = false;
      return true;
    },
    audited() {
      const gone: string[] = [];
      for (const [signature, entry] of lost) {
        entry.audits += 1;
        if (entry.audits < MAX_AUDITS) continue;
        lost.delete(signature);
        if (!entry.waiting) continue;
        unfinished.end(entry.slot);
        gone.push(signature);
      }
      return gone;
    },
  };
}
