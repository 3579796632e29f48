import type { AccountState, JsonTransaction } from "../ledger/transaction.ts";
import { addressText } from "../wire/base58.ts";
import { TransactionRejected } from "./engine.ts";

const LOOKUP_TABLE_PROGRAM = "AddressLookupTab1e1111111111111111111111111";
/** Addresses follow a fixed header; offsets from the program's `LookupTableMeta`. */
const HEADER_BYTES = 56;
const LAST_EXTENDED_SLOT_OFFSET = 12;
const LAST_EXTENDED_START_OFFSET = 20;
const ADDRESS_BYTES = 32;

export interface LoadedAddresses {
  readonly writable: readonly string[];
  readonly readonly: readonly string[];
}

/** The addresses of a table that are active in `slot`: those added in that very slot are not yet. */
const readTable = (address: string, state: AccountState | null, slot: number): string[] => {
  const rejected = (error: string, why: string): TransactionRejected =>
    new TransactionRejected(`Address lookup table ${address} ${why}`, error);
  if (!state) throw rejected("AddressLookupTableNotFound", "does not exist");
  if (state.owner !== LOOKUP_TABLE_PROGRAM) {
    throw rejected("InvalidAddressLookupTableOwner", `belongs to ${state.owner}`);
  }
  const { data } = state;
  if (data.length < HEADER_BYTES) throw rejected("InvalidAddressLookupTableData", "has no header");
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const all = Math.floor((data.length - HEADER_BYTES) / ADDRESS_BYTES);
  const extendedNow = view.getBigUint64(LAST_EXTENDED_SLOT_OFFSET, true) >= BigInt(slot);
  const active = extendedNow ? view.getUint8(LAST_EXTENDED_START_OFFSET) : all;
  return Array.from({ length: active }, (_, index) => {
    const start = HEADER_BYTES + index * ADDRESS_BYTES;
    return addressText(data.subarray(start, start + ADDRESS_BYTES));
  });
};

/** Resolves the table lookups of a version 0 message. @throws {TransactionRejected} when one cannot be resolved. */
export const loadAddresses = (
  message: JsonTransaction["message"],
  accountOf: (address: string) => AccountState | null,
  slot: number,
): LoadedAddresses => {
  const writable: string[] = [];
  const readonly: string[] = [];
  for (const lookup of message.addressTableLookups ?? []) {
    const addresses = readTable(lookup.accountKey, accountOf(lookup.accountKey), slot);
    const pick = (index: number): string => {
      const address = addresses[index];
      if (address !== undefined) return address;
      throw new TransactionRejected(
        `Address lookup table ${lookup.accountKey} has no active address ${index}`,
        "InvalidAddressLookupTableIndex",
      );
    };
    writable.push(...lookup.writableIndexes.map(pick));
    readonly.push(...lookup.readonlyIndexes.map(pick));
  }
  return { writable, readonly };
};
