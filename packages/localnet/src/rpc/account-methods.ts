import { z } from "zod";
import type { AccountState } from "../ledger/transaction.ts";
import { decimalString, readMint, readTokenAccount } from "../engine/token-balances.ts";
import { accountFilter, accountMatcher } from "./account-filters.ts";
import { encodeAccount, refuseLongBase58 } from "./encode-account.ts";
import { invalidParams } from "./errors.ts";
import { exactInteger } from "./json.ts";
import { method, type RpcMethods, withContext } from "./method.ts";
import {
  commitment,
  config,
  contextConfig,
  contextSlot,
  dataSlice,
  encoding,
  readAddress,
  slot,
} from "./params.ts";

const MAX_MULTIPLE_ACCOUNTS = 100;

const accountConfigShape = {
  encoding: encoding.nullish(),
  commitment: commitment.nullish(),
  dataSlice: dataSlice.nullish(),
  minContextSlot: slot.nullish(),
};
const accountConfig = config(accountConfigShape);

const programConfig = config({
  ...accountConfigShape,
  filters: z.array(accountFilter).nullish(),
  withContext: z.boolean().nullish(),
  sortResults: z.boolean().nullish(),
});

type AccountView = Omit<NonNullable<z.output<typeof accountConfig>>, "commitment" | "minContextSlot">;

const show = (account: AccountState, { encoding, dataSlice }: AccountView) => {
  refuseLongBase58(account, encoding, dataSlice);
  return encodeAccount(account, encoding, dataSlice);
};

/** A token amount of an account that is read now; unlike in `meta`, nothing is 0 and not null. */
const tokenAmount = (amount: bigint, decimals: number) => ({
  amount: amount.toString(),
  decimals,
  uiAmount: Number(amount) / 10 ** decimals,
  uiAmountString: decimalString(amount, decimals),
});

/** Methods about accounts and token accounts. */
export const accountMethods: RpcMethods = {
  getAccountInfo: method([z.string(), accountConfig], ({ ledger, accounts }, text, options) => {
    const address = readAddress(text);
    const slot = contextSlot(ledger, options);
    const account = accounts.at(address, slot);
    return withContext(slot, account && show(account, options ?? {}));
  }),

  getMultipleAccounts: method(
    [z.array(z.string()), accountConfig],
    ({ ledger, accounts }, texts, options) => {
      if (texts.length > MAX_MULTIPLE_ACCOUNTS) {
        throw invalidParams(`Too many inputs provided; max ${MAX_MULTIPLE_ACCOUNTS}`);
      }
      const slot = contextSlot(ledger, options);
      return withContext(
        slot,
        texts.map(readAddress).map((address) => {
          const account = accounts.at(address, slot);
          return account && show(account, { ...options, encoding: options?.encoding ?? "base64" });
        }),
      );
    },
  ),

  getBalance: method([z.string(), contextConfig], ({ ledger, accounts }, text, options) => {
    const address = readAddress(text);
    const slot = contextSlot(ledger, options);
    return withContext(slot, exactInteger(accounts.at(address, slot)?.lamports ?? 0n));
  }),

  getProgramAccounts: method([z.string(), programConfig], ({ ledger, accounts }, text, options) => {
    const programId = readAddress(text);
    const slot = contextSlot(ledger, options);
    const matches = accountMatcher(options?.filters);
    const found = [...accounts.ownedBy(programId, slot)]
      .filter(([, account]) => matches(account))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([pubkey, account]) => ({
        account: show(account, options ?? {}),
        pubkey,
      }));
    return options?.withContext ? withContext(slot, found) : found;
  }),

  getTokenAccountBalance: method([z.string(), contextConfig], ({ ledger, accounts }, text, options) => {
    const slot = contextSlot(ledger, options);
    const state = accounts.at(readAddress(text), slot);
    if (!state) throw invalidParams("Invalid param: could not find account");
    const account = readTokenAccount(state);
    if (!account) throw invalidParams("Invalid param: not a Token account");
    const mint = accounts.at(account.mint, slot);
    const read = mint && readMint(mint);
    if (!read) throw invalidParams("Invalid param: could not find mint");
    return withContext(slot, tokenAmount(account.amount, read.decimals));
  }),

  getTokenSupply: method([z.string(), contextConfig], ({ ledger, accounts }, text, options) => {
    const slot = contextSlot(ledger, options);
    const state = accounts.at(readAddress(text), slot);
    if (!state) throw invalidParams("Invalid param: could not find account");
    const mint = readMint(state);
    if (!mint) throw invalidParams("Invalid param: not a Token mint");
    return withContext(slot, tokenAmount(mint.supply, mint.decimals));
  }),
};
