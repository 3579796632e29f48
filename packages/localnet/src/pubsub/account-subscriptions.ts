import { z } from "zod";
import type { AccountState } from "../ledger/transaction.ts";
import { accountFilter, accountMatcher } from "../rpc/account-filters.ts";
import { type AccountEncoding, encodeAccount } from "../rpc/encode-account.ts";
import { invalidParams, jsonParsedUnsupported } from "../rpc/errors.ts";
import { commitment, config, dataSlice, encoding, readParams } from "../rpc/params.ts";
import { isAddress } from "../wire/base58.ts";
import { blockReaching, isReported } from "./commitment-event.ts";
import { inSlot, type Subscribe } from "./subscription.ts";

/** An account that is gone is reported like one that never was. */
const NO_ACCOUNT: AccountState = {
  lamports: 0n,
  owner: "11111111111111111111111111111111",
  data: new Uint8Array(),
  executable: false,
  rentEpoch: 0n,
};

const readPubkey = (text: string): string => {
  if (isAddress(text)) return text;
  throw invalidParams("Invalid Request: Invalid pubkey provided");
};

const readEncoding = (given: AccountEncoding | null | undefined): AccountEncoding => {
  if (given === "jsonParsed" || given === "base64+zstd") throw jsonParsedUnsupported("account notifications");
  return given ?? "binary";
};

/**
 * `accountSubscribe`: the state at the end of each slot that changed the account, and once more when a fork took back
 * what was reported. A `dataSlice` has no effect.
 */
export const subscribeAccount: Subscribe = ({ accounts }, params) => {
  const [text, options] = readParams(
    [z.string(), config({ encoding: encoding.nullish(), commitment: commitment.nullish() })],
    params,
  );
  const address = readPubkey(text);
  const shown = readEncoding(options?.encoding);
  const wanted = options?.commitment ?? "finalized";
  let reportedSlot = -1;
  let changed = false;
  return {
    notification: "accountNotification",
    key: JSON.stringify(["account", address, shown, wanted]),
    report: (event) => {
      if (event.type === "forked") changed ||= reportedSlot > event.base.slot;
      const block = blockReaching(event, wanted);
      if (!block) return null;
      changed ||= accounts.changedIn(address, block.slot);
      if (!changed || !isReported(event)) return null;
      changed = false;
      reportedSlot = block.slot;
      const state = accounts.at(address, block.slot) ?? NO_ACCOUNT;
      return { results: [inSlot(block.slot, encodeAccount(state, shown))] };
    },
  };
};

/** `programSubscribe`: the state at the end of each slot of every account of the program that the slot changed. */
export const subscribeProgram: Subscribe = ({ accounts }, params) => {
  const [text, options] = readParams(
    [
      z.string(),
      config({
        encoding: encoding.nullish(),
        commitment: commitment.nullish(),
        filters: z.array(accountFilter).nullish(),
        dataSlice: dataSlice.nullish(),
      }),
    ],
    params,
  );
  const programId = readPubkey(text);
  const shown = readEncoding(options?.encoding);
  const wanted = options?.commitment ?? "finalized";
  const matches = accountMatcher(options?.filters);
  return {
    notification: "programNotification",
    key: JSON.stringify([
      "program",
      programId,
      shown,
      wanted,
      options?.filters ?? [],
      options?.dataSlice ?? null,
    ]),
    report: (event) => {
      const block = blockReaching(event, wanted);
      if (!block || !isReported(event)) return null;
      const results = [...accounts.changesIn(block.slot)].flatMap(([pubkey, state]) =>
        state?.owner === programId && matches(state)
          ? [inSlot(block.slot, { pubkey, account: encodeAccount(state, shown, options?.dataSlice) })]
          : [],
      );
      return { results };
    },
  };
};
