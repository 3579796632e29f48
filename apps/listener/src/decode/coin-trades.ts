import type { CoinTrade } from "./decoded-transaction.ts";
import { formatRatio } from "./decimal.ts";
import { NO_TRADE, type InstructionList, type ListedTrade } from "./instruction-list.ts";
import { lamportsInto, tokensInto } from "./movements.ts";
import { COIN_DECIMALS } from "./programs/commcoin.ts";
import type { RawTokenBalance, RawTransaction } from "./raw-transaction.ts";
import { splitLamports } from "./split-lamports.ts";

/** Enough for any ratio of two real amounts to be told from its neighbours; a double has 16. */
const PRICE_DIGITS = 18;
/** SOL per token is lamports per base unit divided by this. */
const PRICE_SCALE = 10n ** BigInt(9 - COIN_DECIMALS);

/**
 * SOL per token.
 * @param tokens base units, more than 0.
 */
export const coinPrice = (lamports: bigint, tokens: bigint): string =>
  formatRatio(lamports, tokens * PRICE_SCALE, PRICE_DIGITS);

/**
 * Finds out what each buy and sell of a successful transaction moved; in order of execution.
 *
 * What a trade moves is the change of its curve's balances, less what other instructions of the transaction moved
 * into or out of the curve (rent and supply when the coin is created in the same transaction, plain transfers).
 * With several trades on one curve, balances show their sum only. Then each has the tokens of the token transfer
 * that it called, else those of its argument; a buy has the lamports of the System transfer that it called; and
 * the sells, whose lamports move without an instruction, share what remains in proportion to their tokens. The
 * lamports of a curve's trades always add up to the change of its balance exactly.
 */
export function attributeTrades(list: InstructionList, transaction: RawTransaction): readonly CoinTrade[] {
  const curves = new Set(list.trades.map(({ bondingCurve }) => bondingCurve));
  const trades = [...curves].flatMap((curve) => attributeCurve(list, curve, transaction));
  return curves.size > 1 ? trades.sort((a, b) => a.n - b.n) : trades;
}

interface Movement {
  lamports: bigint;
  tokens: bigint;
}

function attributeCurve(list: InstructionList, curve: string, transaction: RawTransaction): CoinTrade[] {
  const trades = list.trades.filter(({ bondingCurve }) => bondingCurve === curve);
  const vault = trades[0]?.vault ?? "";
  const { called, others } = findMovements(list, trades, curve, vault);
  const vaultChange = findTokenChange(transaction, vault);
  const byBalance = vaultChange === null ? null : vaultChange - others.tokens;

  const tokens = trades.map(({ requested }, index) => abs(called[index]?.tokens ?? 0n) || requested);
  if (trades.length === 1 && byBalance !== null) tokens[0] = abs(byBalance);
  const lamports = splitLamports(
    trades.map(({ side }, index) => ({
      side,
      called: called[index]?.lamports ?? 0n,
      tokens: tokens[index] ?? 0n,
    })),
    findLamportsChange(transaction, curve) - others.lamports,
  );
  const signed = trades.map(({ side }, index) => (side === "sell" ? 1n : -1n) * (tokens[index] ?? 0n));
  const agrees = signed.reduce((total, change) => total + change, 0n) === byBalance;
  return trades.map(({ n, side, mint, user, bondingCurve, requested }, index) => {
    const tokenAmount = tokens[index] ?? 0n;
    const solLamports = lamports[index] ?? 0n;
    const consistent = agrees && tokenAmount === requested && signed[index] === called[index]?.tokens;
    const price = tokenAmount === 0n ? null : coinPrice(solLamports, tokenAmount);
    return { n, side, mint, user, bondingCurve, tokenAmount, solLamports, price, consistent };
  });
}

/** What instructions moved into the curve and its vault: those that each of its trades called, and all others. */
function findMovements(
  list: InstructionList,
  trades: readonly ListedTrade[],
  curve: string,
  vault: string,
): { readonly called: readonly Movement[]; readonly others: Movement } {
  const called = trades.map((): Movement => ({ lamports: 0n, tokens: 0n }));
  const others: Movement = { lamports: 0n, tokens: 0n };
  list.instructions.forEach((instruction, n) => {
    const amount = list.amounts[n] ?? null;
    if (amount === null) return;
    const caller = list.trades[list.callers[n] ?? NO_TRADE];
    const movement = called[caller === undefined ? NO_TRADE : trades.indexOf(caller)] ?? others;
    movement.lamports += lamportsInto(curve, instruction, amount);
    movement.tokens += tokensInto(vault, instruction, amount);
  });
  return { called, others };
}

function findLamportsChange(
  { accounts, preBalances, postBalances }: RawTransaction,
  account: string,
): bigint {
  const index = accounts.indexOf(account);
  return BigInt(postBalances[index] ?? 0) - BigInt(preBalances[index] ?? 0);
}

/** Null when the node reports no balance of the account, neither before nor after. */
function findTokenChange(
  { accounts, preTokenBalances, postTokenBalances }: RawTransaction,
  account: string,
): bigint | null {
  const index = accounts.indexOf(account);
  const isIt = ({ accountIndex }: RawTokenBalance): boolean => accountIndex === index;
  const before = preTokenBalances.find(isIt);
  const after = postTokenBalances.find(isIt);
  if (before === undefined && after === undefined) return null;
  return (after?.amount ?? 0n) - (before?.amount ?? 0n);
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);
