import type { TokenChange } from "./decoded-transaction.ts";
import type { RawTokenBalance, RawTransaction } from "./raw-transaction.ts";

/** How token balances changed between the node's snapshots before and after the transaction. */
export function findTokenChanges({
  accounts,
  preTokenBalances,
  postTokenBalances,
}: RawTransaction): readonly TokenChange[] {
  const changes: TokenChange[] = [];
  const add = (balance: RawTokenBalance, change: bigint): void => {
    if (change === 0n) return;
    const { accountIndex, owner, mint, decimals } = balance;
    changes.push({ account: accounts[accountIndex] ?? "", owner, mint, decimals, change });
  };
  for (const before of preTokenBalances) {
    const after = findSame(postTokenBalances, before);
    add(before, (after?.amount ?? 0n) - before.amount);
  }
  for (const after of postTokenBalances) {
    if (findSame(preTokenBalances, after) === undefined) add(after, after.amount);
  }
  return changes;
}

/** A closed account can be opened again with another mint: the mint is part of what makes a balance the same. */
const findSame = (
  balances: readonly RawTokenBalance[],
  { accountIndex, mint }: RawTokenBalance,
): RawTokenBalance | undefined =>
  balances.find((balance) => balance.accountIndex === accountIndex && balance.mint === mint);
