import type { RawTokenBalance, RawTransaction } from "./raw-transaction.ts";

/** Wrapped SOL of the Token program and of Token-2022. */
export const NATIVE_MINTS: ReadonlySet<string> = new Set([
  "So11111111111111111111111111111111111111112",
  "9pan9bMn5HatX4EJdBwg9VgCa7Uz5HL8N1m5D3NdXej9",
]);
const NATIVE_DECIMALS = 9;

/**
 * Which mint a token account belongs to, and the decimals of mints, as far as one transaction tells: from the
 * balances that the node reports and from the instructions read so far. A plain transfer names neither.
 */
export class KnownMints {
  #mints = new Map<string, string>();
  #decimals = new Map<string, number>();

  /** Forgets what it knew and starts on a transaction. */
  load({ accounts, preTokenBalances, postTokenBalances }: RawTransaction): void {
    // Half of all transactions move no tokens, and need no new maps.
    if (this.#mints.size > 0) this.#mints = new Map();
    if (this.#decimals.size > 0) this.#decimals = new Map();
    const mints = this.#mints;
    const decimals = this.#decimals;
    // Before wins over after: an account that is closed and opened again has the old mint until it is opened.
    const take = (balances: readonly RawTokenBalance[]): void => {
      for (const balance of balances) {
        const account = accounts[balance.accountIndex] ?? "";
        if (!mints.has(account)) mints.set(account, balance.mint);
        decimals.set(balance.mint, balance.decimals);
      }
    };
    take(preTokenBalances);
    take(postTokenBalances);
  }

  mintOf(account: string): string | undefined {
    return this.#mints.get(account);
  }

  decimalsOf(mint: string): number | undefined {
    return this.#decimals.get(mint) ?? (NATIVE_MINTS.has(mint) ? NATIVE_DECIMALS : undefined);
  }

  learnAccount(account: string, mint: string): void {
    this.#mints.set(account, mint);
  }

  /** Keeps decimals that are known already: the chain checked those, an instruction only claims them. */
  learnDecimals(mint: string, decimals: number): void {
    if (!this.#decimals.has(mint)) this.#decimals.set(mint, decimals);
  }
}
