import type { z } from "zod";
import type { AccountState } from "../ledger/transaction.ts";
import { toBase58 } from "../wire/base58.ts";
import { invalidParams, jsonParsedUnsupported, RpcError } from "./errors.ts";
import { exactInteger } from "./json.ts";
import type { dataSlice, encoding } from "./params.ts";

const BASE58_LIMIT_BYTES = 128;
/** Owners whose accounts agave can parse; accounts of all others it shows in base64. */
const PARSED_OWNERS: ReadonlySet<string> = new Set([
  "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
  "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb",
  "AddressLookupTab1e1111111111111111111111111",
  "BPFLoaderUpgradeab1e11111111111111111111111",
  "Config1111111111111111111111111111111111111",
  "Stake11111111111111111111111111111111111111",
  "Sysvar1111111111111111111111111111111111111",
  "Vote111111111111111111111111111111111111111",
]);

export type AccountEncoding = z.output<typeof encoding>;
type DataSlice = z.output<typeof dataSlice>;

const encodeData = (
  account: AccountState,
  encoding: AccountEncoding,
  slice: DataSlice | null | undefined,
) => {
  const data = slice ? account.data.subarray(slice.offset, slice.offset + slice.length) : account.data;
  const base64 = () => [Buffer.from(data).toString("base64"), "base64"];
  switch (encoding) {
    case "base64":
      return base64();
    case "binary":
    case "base58": {
      const text =
        data.length > BASE58_LIMIT_BYTES ? "error: data too large for bs58 encoding" : toBase58(data);
      return encoding === "binary" ? text : [text, "base58"];
    }
    case "jsonParsed":
      if (account.data.length > 0 && PARSED_OWNERS.has(account.owner)) {
        throw jsonParsedUnsupported(`accounts of ${account.owner}`);
      }
      return base64();
    case "base64+zstd":
      throw invalidParams("Invalid params: this local node has no base64+zstd encoding; use base64");
    default:
      return encoding satisfies never;
  }
};

/** HTTP methods refuse what notifications answer with a text in place of the data. @throws {RpcError} -32600 */
export const refuseLongBase58 = (
  account: AccountState,
  encoding: AccountEncoding | null | undefined,
  slice: DataSlice | null | undefined,
): void => {
  const inBase58 = (encoding ?? "binary") === "binary" || encoding === "base58";
  const shown = Math.min(slice?.length ?? Infinity, account.data.length - (slice?.offset ?? 0));
  if (!inBase58 || shown <= BASE58_LIMIT_BYTES) return;
  throw new RpcError(
    -32600,
    "Encoded binary (base 58) data should be less than 128 bytes, please use Base64 encoding.",
  );
};

/** An account as RPC methods and notifications show it. */
export const encodeAccount = (
  account: AccountState,
  encoding: AccountEncoding | null | undefined,
  slice?: DataSlice | null,
) => ({
  lamports: exactInteger(account.lamports),
  data: encodeData(account, encoding ?? "binary", slice),
  owner: account.owner,
  executable: account.executable,
  rentEpoch: exactInteger(account.rentEpoch),
  space: account.data.length,
});
