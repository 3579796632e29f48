import { z } from "zod";
import type { LedgerTransaction } from "../ledger/block.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { encodeTransaction, versionField } from "./encode-transaction.ts";
import { invalidParams, minContextSlotNotReached, transactionNotFound } from "./errors.ts";
import { memoOf } from "./memo.ts";
import { method, type RpcMethods, withContext } from "./method.ts";
import {
  atLeastConfirmed,
  commitment,
  config,
  readAddress,
  readSignature,
  slot,
  transactionEncoding,
} from "./params.ts";

const MAX_SIGNATURES_FOR_ADDRESS = 1_000;
const MAX_SIGNATURE_STATUSES = 256;
/** Slots for which nodes answer statuses without searching the ledger. */
const STATUS_CACHE_SLOTS = 150;

const transactionConfig = config({
  encoding: transactionEncoding.nullish(),
  commitment: commitment.nullish(),
  maxSupportedTransactionVersion: z.int().min(0).max(255).nullish(),
});

const signaturesConfig = config({
  before: z.string().nullish(),
  until: z.string().nullish(),
  limit: z.int().nonnegative().nullish(),
  commitment: commitment.nullish(),
  minContextSlot: slot.nullish(),
});

const blockTimeOf = (ledger: Ledger, slot: number): number | null => ledger.block(slot)?.blockTime ?? null;

const readPosition = (ledger: Ledger, signature: string | null | undefined): LedgerTransaction | null => {
  if (typeof signature !== "string") return null;
  const found = ledger.transaction(readSignature(signature));
  if (!found) throw transactionNotFound(signature);
  return found;
};

const isBelow = (one: LedgerTransaction, other: LedgerTransaction): boolean =>
  one.slot < other.slot || (one.slot === other.slot && one.index < other.index);

const describeSignature = (ledger: Ledger, { executed, slot, index }: LedgerTransaction) => ({
  signature: executed.signature,
  slot,
  err: executed.meta.err,
  memo: memoOf(executed),
  blockTime: blockTimeOf(ledger, slot),
  confirmationStatus: ledger.commitmentOf(slot),
  transactionIndex: index,
});

const describeStatus = (ledger: Ledger, { executed, slot }: LedgerTransaction) => {
  const confirmationStatus = ledger.commitmentOf(slot);
  return {
    slot,
    confirmations: confirmationStatus === "finalized" ? null : ledger.slot("processed") - slot,
    err: executed.meta.err,
    status: executed.meta.status,
    confirmationStatus,
  };
};

/** Methods about transactions in the ledger. */
export const transactionMethods: RpcMethods = {
  getTransaction: method(
    [z.string(), z.union([transactionEncoding, transactionConfig])],
    ({ ledger }, text, given) => {
      const options = typeof given === "string" ? { encoding: given } : given;
      const signature = readSignature(text);
      const newest = ledger.slot(atLeastConfirmed(options?.commitment));
      const found = ledger.transaction(signature);
      if (!found || found.slot > newest) return null;
      const { executed, slot, index } = found;
      const version = versionField(executed, options?.maxSupportedTransactionVersion);
      return {
        slot,
        transaction: encodeTransaction(executed, options?.encoding ?? "json"),
        meta: executed.meta,
        ...version,
        blockTime: blockTimeOf(ledger, slot),
        transactionIndex: index,
      };
    },
  ),

  getSignaturesForAddress: method([z.string(), signaturesConfig], ({ ledger }, text, options) => {
    const address = readAddress(text);
    const limit = options?.limit ?? MAX_SIGNATURES_FOR_ADDRESS;
    if (limit === 0 || limit > MAX_SIGNATURES_FOR_ADDRESS) {
      throw invalidParams(`Invalid limit; max ${MAX_SIGNATURES_FOR_ADDRESS}`);
    }
    const newest = ledger.slot(atLeastConfirmed(options?.commitment));
    if (newest < (options?.minContextSlot ?? 0)) throw minContextSlotNotReached(newest);
    const before = readPosition(ledger, options?.before);
    const until = readPosition(ledger, options?.until);
    const found: LedgerTransaction[] = [];
    const all = ledger.transactionsOf(address);
    for (let at = all.length - 1; at >= 0 && found.length < limit; at -= 1) {
      const transaction = all[at];
      if (!transaction || transaction.slot > newest) continue;
      if (until && !isBelow(until, transaction)) break;
      if (!before || isBelow(transaction, before)) found.push(transaction);
    }
    return found.map((transaction) => describeSignature(ledger, transaction));
  }),

  getSignatureStatuses: method(
    [z.array(z.string()), config({ searchTransactionHistory: z.boolean().nullish() })],
    ({ ledger }, signatures, options) => {
      if (signatures.length > MAX_SIGNATURE_STATUSES) {
        throw invalidParams(`Too many inputs provided; max ${MAX_SIGNATURE_STATUSES}`);
      }
      const oldest = options?.searchTransactionHistory ? 0 : ledger.slot("processed") - STATUS_CACHE_SLOTS;
      return withContext(
        ledger.slot("processed"),
        signatures.map((signature) => {
          const found = ledger.transaction(readSignature(signature));
          return found && found.slot >= oldest ? describeStatus(ledger, found) : null;
        }),
      );
    },
  ),
};
