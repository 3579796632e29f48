import type { AccountState, TokenBalance } from "../ledger/transaction.ts";
import { addressText } from "../wire/base58.ts";

const TOKEN_PROGRAM = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
const TOKEN_2022_PROGRAM = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb";
const TOKEN_PROGRAMS: ReadonlySet<string> = new Set([TOKEN_PROGRAM, TOKEN_2022_PROGRAM]);

const ACCOUNT_BYTES = 165;
const MINT_BYTES = 82;
/** Extended accounts of Token-2022 carry their kind behind the base layout: 1 for a mint, 2 for a token account. */
const KIND_OFFSET = 165;
const KIND_MINT = 1;
const KIND_ACCOUNT = 2;
const AMOUNT_OFFSET = 64;
const STATE_OFFSET = 108;
const MINT_DECIMALS_OFFSET = 44;
const MINT_INITIALIZED_OFFSET = 45;
/** Smallest `uiAmount` that agave shows; below it, and for zero, it writes null. */
const F64_EPSILON = 2 ** -52;

export interface TokenAccount {
  readonly mint: string;
  readonly owner: string;
  readonly amount: bigint;
}

/** Reads an initialised token account of either token program; null for anything else. */
export const readTokenAccount = (state: AccountState): TokenAccount | null => {
  const { data } = state;
  if (!TOKEN_PROGRAMS.has(state.owner)) return null;
  const fits =
    data.length === ACCOUNT_BYTES ||
    (state.owner === TOKEN_2022_PROGRAM && data.length > ACCOUNT_BYTES && data[KIND_OFFSET] === KIND_ACCOUNT);
  if (!fits || data[STATE_OFFSET] === 0) return null;
  return {
    mint: addressText(data.subarray(0, 32)),
    owner: addressText(data.subarray(32, 64)),
    amount: new DataView(data.buffer, data.byteOffset).getBigUint64(AMOUNT_OFFSET, true),
  };
};

/** Decimals and supply of an initialised mint of either token program; null for anything else. */
export const readMint = (
  state: AccountState,
): { readonly decimals: number; readonly supply: bigint } | null => {
  const { data } = state;
  if (!TOKEN_PROGRAMS.has(state.owner)) return null;
  const fits =
    data.length === MINT_BYTES ||
    (state.owner === TOKEN_2022_PROGRAM && data.length > KIND_OFFSET && data[KIND_OFFSET] === KIND_MINT);
  if (!fits || data[MINT_INITIALIZED_OFFSET] !== 1) return null;
  return {
    decimals: data[MINT_DECIMALS_OFFSET] ?? 0,
    supply: new DataView(data.buffer, data.byteOffset).getBigUint64(36, true),
  };
};

/** Base units as a decimal string without trailing zeros, as `uiAmountString` has it. */
export const decimalString = (amount: bigint, decimals: number): string => {
  if (decimals === 0) return amount.toString();
  const digits = amount.toString().padStart(decimals + 1, "0");
  const text = `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return text.replace(/\.?0+$/, "");
};

/** `uiTokenAmount` of a balance in `meta`. */
const metaTokenAmount = (amount: bigint, decimals: number): TokenBalance["uiTokenAmount"] => {
  const uiAmount = Number(amount) / 10 ** decimals;
  return {
    amount: amount.toString(),
    decimals,
    uiAmount: uiAmount > F64_EPSILON ? uiAmount : null,
    uiAmountString: decimalString(amount, decimals),
  };
};

/**
 * Token balances of a transaction's accounts at one moment. A transaction that names no token program has none, as in
 * agave; an account whose mint is gone is left out.
 */
export const tokenBalances = (
  keys: readonly string[],
  states: readonly (AccountState | null)[],
  accountOf: (address: string) => AccountState | null,
): TokenBalance[] => {
  if (!keys.some((key) => TOKEN_PROGRAMS.has(key))) return [];
  return states.flatMap((state, accountIndex) => {
    const account = state && readTokenAccount(state);
    if (!state || !account) return [];
    const mintState = accountOf(account.mint);
    const mint = mintState && readMint(mintState);
    if (!mint) return [];
    return [
      {
        accountIndex,
        mint: account.mint,
        owner: account.owner,
        programId: state.owner,
        uiTokenAmount: metaTokenAmount(account.amount, mint.decimals),
      },
    ];
  });
};
