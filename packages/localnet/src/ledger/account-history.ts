import type { Engine } from "../engine/engine.ts";
import type { AccountState, ExecutedTransaction } from "./transaction.ts";

interface Version {
  readonly slot: number;
  readonly state: AccountState | null;
}

/** Slot of a state from before all changes that are still remembered. */
const EARLIER = -1;

/**
 * Accounts as they were at the end of recent slots. The engine knows the newest state only; what changed since the
 * last finalized slot is kept here, so that reads at `confirmed` and `finalized` do not run ahead.
 */
export const createAccountHistory = (engine: Pick<Engine, "account" | "accountsOwnedBy">) => {
  const versions = new Map<string, Version[]>();
  const changedIn = new Map<number, Set<string>>();

  const record = (address: string, slot: number, before: AccountState | null, after: AccountState | null) => {
    const list = versions.get(address) ?? [{ slot: EARLIER, state: before }];
    if (list.at(-1)?.slot === slot) list.pop();
    list.push({ slot, state: after });
    versions.set(address, list);
  };

  const at = (address: string, slot: number): AccountState | null => {
    const list = versions.get(address);
    if (!list) return engine.account(address);
    return list.findLast((version) => version.slot <= slot)?.state ?? null;
  };

  return {
    record: (executed: Pick<ExecutedTransaction, "accounts" | "accountsBefore">, slot: number): void => {
      const changed = changedIn.get(slot) ?? new Set();
      changedIn.set(slot, changed);
      for (const [address, after] of executed.accounts) {
        record(address, slot, executed.accountsBefore?.get(address) ?? null, after);
        changed.add(address);
      }
    },
    /** State at the end of a slot that is not below the last finalized one. */
    at,
    changedIn: (address: string, slot: number): boolean => changedIn.get(slot)?.has(address) ?? false,
    /** Accounts that a slot changed, with their state at its end. */
    changesIn: (slot: number): ReadonlyMap<string, AccountState | null> =>
      new Map([...(changedIn.get(slot) ?? [])].map((address) => [address, at(address, slot)])),
    /** All accounts that a program owned at the end of a slot. */
    ownedBy: (programId: string, slot: number): Map<string, AccountState> => {
      const owned = new Map(engine.accountsOwnedBy(programId));
      for (const address of versions.keys()) {
        const state = at(address, slot);
        if (state?.owner === programId) owned.set(address, state);
        else owned.delete(address);
      }
      return owned;
    },
    /**
     * Forgets all changes after a slot that is not below the last finalized one.
     * @returns the accounts that were changed, with the state that they have again; the engine must be set to it.
     */
    rollback: (slot: number): ReadonlyMap<string, AccountState | null> => {
      const restored = new Map<string, AccountState | null>();
      for (const [changed, addresses] of changedIn) {
        if (changed <= slot) continue;
        for (const address of addresses) restored.set(address, at(address, slot));
        changedIn.delete(changed);
      }
      for (const address of restored.keys()) {
        const kept = (versions.get(address) ?? []).filter((version) => version.slot <= slot);
        if (kept.length > 1) versions.set(address, kept);
        else versions.delete(address);
      }
      return restored;
    },
    /** Forgets what only slots below the finalized one needed. */
    finalize: (slot: number): void => {
      for (const address of changedIn.get(slot) ?? []) {
        const list = versions.get(address) ?? [];
        const base = list.findLastIndex((version) => version.slot <= slot);
        list.splice(0, base);
        if (list.length === 1) versions.delete(address);
      }
      changedIn.delete(slot);
    },
  };
};

export type AccountHistory = ReturnType<typeof createAccountHistory>;
