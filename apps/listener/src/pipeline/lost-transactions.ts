import type { SignatureNotification } from "../model/notification.ts";
import type { UnfinishedSlots } from "../progress/unfinished-slots.ts";

/**
 * Transactions that a node announced and then did not know. They keep their slots unfinished, so that no watermark
 * passes them, until an audit lists and brings them again; or until so many audits did not that they are given up.
 */
export interface LostTransactions {
  /** @returns false when it was tried too often: it is given up. */
  add(transaction: Announced): boolean;
  /** It is brought again, maybe in another slot. @returns whether it was lost, and its slot is unfinished already. */
  found(transaction: Pick<Announced, "signature" | "slot">): boolean;
  /** Whether it was announced and is to be brought again. */
  has(signature: string): boolean;
  /** An audit listed everything of an address up to a slot. @returns those that are given up with it. */
  audited(address: string, upTo: number): readonly string[];
  /** No other addresses are audited any more. @returns those that are given up with it. */
  followed(addresses: ReadonlySet<string>): readonly string[];
}

type Announced = Pick<SignatureNotification, "signature" | "slot" | "address">;

const MAX_ATTEMPTS = 5;
/** Audits of its address without it: a fork that was lost takes its transactions along. */
const MAX_AUDITS = 5;
/** More are given up at once: a node that loses so many has a trouble that waiting does not cure. */
const CAPACITY = 10_000;

interface Lost {
  readonly slot: number;
  readonly address: string;
  readonly attempts: number;
  audits: number;
  waiting: boolean;
}

export function createLostTransactions(unfinished: UnfinishedSlots): LostTransactions {
  const lost = new Map<string, Lost>();

  /** Forgets those that it is true of. @returns those that nobody looks for at present. */
  const giveUp = (isOver: (entry: Lost) => boolean): readonly string[] => {
    const gone: string[] = [];
    for (const [signature, entry] of lost) {
      if (!isOver(entry)) continue;
      lost.delete(signature);
      if (!entry.waiting) continue;
      unfinished.end(entry.slot);
      gone.push(signature);
    }
    return gone;
  };
  return {
    add({ signature, slot, address }) {
      const attempts = (lost.get(signature)?.attempts ?? 0) + 1;
      lost.delete(signature);
      if (attempts >= MAX_ATTEMPTS || lost.size >= CAPACITY) return false;
      lost.set(signature, { slot, address, attempts, audits: 0, waiting: true });
      return true;
    },
    found({ signature, slot }) {
      const entry = lost.get(signature);
      if (entry === undefined || !entry.waiting) return false;
      entry.waiting = false;
      unfinished.begin(slot);
      unfinished.end(entry.slot);
      return true;
    },
    has: (signature) => lost.has(signature),
    audited: (address, upTo) =>
      giveUp((entry) => {
        if (entry.address !== address || entry.slot > upTo) return false;
        entry.audits += 1;
        return entry.audits >= MAX_AUDITS;
      }),
    followed: (addresses) => giveUp(({ address }) => !addresses.has(address)),
  };
}
