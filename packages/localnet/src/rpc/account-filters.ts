import { z } from "zod";
import { readTokenAccount } from "../engine/token-balances.ts";
import type { AccountState } from "../ledger/transaction.ts";
import { fromBase58 } from "../wire/base58.ts";
import { invalidParams } from "./errors.ts";

const MAX_FILTERS = 4;
const MAX_MEMCMP_BYTES = 128;

export const accountFilter = z.union([
  z.object({ dataSize: z.int().nonnegative() }),
  z.object({
    memcmp: z.object({
      offset: z.int().nonnegative(),
      bytes: z.string().max(MAX_MEMCMP_BYTES * 2),
      encoding: z.enum(["base58", "base64"]).nullish(),
    }),
  }),
  z.object({ tokenAccountState: z.null() }),
  z.literal("tokenAccountState"),
]);

type AccountFilter = z.output<typeof accountFilter>;

const decodeBytes = (text: string, encoding: "base58" | "base64" | null | undefined): Uint8Array => {
  try {
    const bytes = encoding === "base64" ? Buffer.from(text, "base64") : fromBase58(text);
    if (bytes.length <= MAX_MEMCMP_BYTES) return bytes;
  } catch {
    throw invalidParams("Invalid param: data decode error");
  }
  throw invalidParams("Invalid param: data too large");
};

/** A test for `filters`, all of which must hold. @throws {RpcError} -32602 for bytes that cannot be read. */
export const accountMatcher = (
  filters: readonly AccountFilter[] | null | undefined,
): ((account: AccountState) => boolean) => {
  if (filters && filters.length > MAX_FILTERS) {
    throw invalidParams(`Too many filters provided; max ${MAX_FILTERS}`);
  }
  const tests = (filters ?? []).map((filter) => {
    if (typeof filter === "string" || "tokenAccountState" in filter) {
      return (account: AccountState) => readTokenAccount(account) !== null;
    }
    if ("dataSize" in filter) return (account: AccountState) => account.data.length === filter.dataSize;
    const { offset, bytes, encoding } = filter.memcmp;
    const wanted = decodeBytes(bytes, encoding);
    return ({ data }: AccountState) =>
      data.length >= offset + wanted.length &&
      Buffer.from(data.subarray(offset, offset + wanted.length)).equals(wanted);
  });
  return (account) => tests.every((test) => test(account));
};
