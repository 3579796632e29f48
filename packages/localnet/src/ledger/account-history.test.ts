import { describe, expect, it } from "vitest";
import { createAccountHistory } from "./account-history.ts";
import type { AccountState } from "./transaction.ts";

const state = (lamports: bigint): AccountState => ({
  lamports,
  owner: "program",
  data: new Uint8Array(),
  executable: false,
  rentEpoch: 0n,
});

const setup = () => {
  const newest = new Map<string, AccountState | null>();
  const history = createAccountHistory({
    account: (address) => newest.get(address) ?? null,
    accountsOwnedBy: (programId) =>
      new Map(
        [...newest].flatMap(([address, account]) =>
          account?.owner === programId ? [[address, account] as const] : [],
        ),
      ),
  });
  const change = (slot: number, address: string, after: AccountState | null): void => {
    const accountsBefore = new Map([[address, newest.get(address) ?? null]]);
    newest.set(address, after);
    history.record({ accounts: new Map([[address, after]]), accountsBefore }, slot);
  };
  return { history, change };
};

describe("account history", () => {
  it("knows the state at the end of every slot since the last finalized one", () => {
    const { history, change } = setup();
    change(5, "a", state(1n));
    change(5, "a", state(2n));
    change(7, "a", null);
    expect([4, 5, 6, 7].map((slot) => history.at("a", slot)?.lamports)).toEqual([
      undefined,
      2n,
      2n,
      undefined,
    ]);
    history.finalize(5);
    expect([5, 6, 7].map((slot) => history.at("a", slot)?.lamports)).toEqual([2n, 2n, undefined]);
    history.finalize(7);
    expect(history.at("a", 7)).toBeNull();
  });

  it("lists what a slot changed, in its final state", () => {
    const { history, change } = setup();
    change(5, "a", state(1n));
    change(5, "b", state(1n));
    change(6, "a", state(3n));
    expect([...history.changesIn(5)]).toEqual([
      ["a", state(1n)],
      ["b", state(1n)],
    ]);
    expect(history.changedIn("b", 6)).toBe(false);
  });

  it("lists a program's accounts as they were", () => {
    const { history, change } = setup();
    change(5, "a", state(1n));
    change(6, "b", state(1n));
    change(7, "a", { ...state(1n), owner: "other" });
    const owned = (slot: number) => [...history.ownedBy("program", slot).keys()].sort();
    expect([4, 5, 6, 7].map(owned)).toEqual([[], ["a"], ["a", "b"], ["b"]]);
  });
});
