import type { DecodedInstruction } from "@commcoin/protocol";
import { parseUnits } from "../decode/decimal.ts";
import type { DecodedTransaction } from "../decode/decoded-transaction.ts";
import { NATIVE_MINTS } from "../decode/known-mints.ts";
import { lamportsInto, tokensInto } from "../decode/movements.ts";
import type { RawTransaction } from "../decode/raw-transaction.ts";

/** Lamports that keep a token account of 165 bytes alive; a native account does not count them as tokens. */
const RENT_LAMPORTS = 2_039_280n;

interface Holding {
  readonly mint: string;
  amount: bigint;
}

/** Token balances by account that follow from the balances before a transaction and its decoded instructions. */
export function replayTokens(
  raw: RawTransaction,
  { instructions }: DecodedTransaction,
): ReadonlyMap<string, bigint> {
  const decimals = new Map<string, number>();
  for (const balance of [...raw.preTokenBalances, ...raw.postTokenBalances]) {
    decimals.set(balance.mint, balance.decimals);
  }
  for (const mint of NATIVE_MINTS) decimals.set(mint, 9);
  const holdings = new Map<string, Holding>();
  for (const { accountIndex, mint, amount } of raw.preTokenBalances) {
    holdings.set(raw.accounts[accountIndex] ?? "", { mint, amount });
  }
  const lamports = new Map(raw.accounts.map((account, at) => [account, BigInt(raw.preBalances[at] ?? 0)]));
  const add = (account: string, change: bigint): void => {
    lamports.set(account, (lamports.get(account) ?? 0n) + change);
  };
  const sync = (account: string): void => {
    const holding = holdings.get(account);
    if (holding !== undefined && NATIVE_MINTS.has(holding.mint)) {
      holding.amount = (lamports.get(account) ?? 0n) - RENT_LAMPORTS;
    }
  };

  for (const instruction of instructions) {
    const { kind, account, mint, destination, sol_amount: sol } = instruction;
    const solAmount = typeof sol === "string" ? parseUnits(sol, 9) : null;
    const tokenAmount = baseUnits(instruction, decimals);
    for (const key of raw.accounts) {
      add(key, lamportsInto(key, instruction, solAmount));
      const change = tokensInto(key, instruction, tokenAmount);
      if (change === 0n) continue;
      const holding = holdings.get(key);
      if (holding === undefined) throw new Error(`${kind} moves tokens of ${key}, which holds none`);
      holding.amount += change;
      if (NATIVE_MINTS.has(holding.mint)) add(key, change);
    }
    if (typeof account !== "string") continue;
    if (kind.startsWith("initialize_account") && typeof mint === "string") {
      holdings.set(account, { mint, amount: 0n });
      sync(account);
    } else if (kind === "sync_native") sync(account);
    else if (kind === "close_account") {
      if (typeof destination === "string") add(destination, lamports.get(account) ?? 0n);
      lamports.set(account, 0n);
      holdings.delete(account);
    }
  }
  return new Map([...holdings].map(([account, { amount }]) => [account, amount]));
}

function baseUnits(
  { mint, amount, raw_amount: rawAmount }: DecodedInstruction,
  decimals: ReadonlyMap<string, number>,
): bigint | null {
  if (typeof rawAmount === "string") return BigInt(rawAmount);
  const scale = typeof mint === "string" ? decimals.get(mint) : undefined;
  return typeof amount === "string" && scale !== undefined ? parseUnits(amount, scale) : null;
}
