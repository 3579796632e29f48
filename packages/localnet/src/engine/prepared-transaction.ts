import type { AccountState, JsonTransaction } from "../ledger/transaction.ts";
import { addressBytes, fromBase58 } from "../wire/base58.ts";
import { verifySignature } from "../wire/ed25519.ts";
import { decodeTransaction, type TransactionVersion, WireFormatError } from "../wire/transaction.ts";
import { TransactionRejected } from "./engine.ts";
import { loadAddresses, type LoadedAddresses } from "./lookup-tables.ts";

/** A transaction that may run: its form is right and its signatures are good. */
export interface PreparedTransaction {
  readonly wire: Uint8Array;
  readonly version: TransactionVersion;
  readonly transaction: JsonTransaction;
  readonly signature: string;
  readonly loaded: LoadedAddresses;
  /** The message's own keys, then the loaded writable ones, then the loaded read-only ones. */
  readonly keys: readonly string[];
  isSigner(index: number): boolean;
  isWritable(index: number): boolean;
}

const sanitizeFailure = (why: string): TransactionRejected => new TransactionRejected(why, "SanitizeFailure");

const decodeOrReject = (wire: Uint8Array) => {
  try {
    return decodeTransaction(wire);
  } catch (error) {
    if (error instanceof WireFormatError) throw sanitizeFailure(error.message);
    throw error;
  }
};

/**
 * Decodes a transaction and checks all that does not depend on balances.
 * @param verify false lets wrong signatures pass, as `simulateTransaction` may.
 * @throws {TransactionRejected} SanitizeFailure, SignatureFailure, or a failing address lookup.
 */
export const prepareTransaction = (
  wire: Uint8Array,
  accountOf: (address: string) => AccountState | null,
  slot: number,
  verify: boolean,
): PreparedTransaction => {
  const { version, transaction, messageBytes } = decodeOrReject(wire);
  const { signatures, message } = transaction;
  const { header, accountKeys } = message;
  const { numRequiredSignatures: signers } = header;
  const [signature] = signatures;
  if (signature === undefined || signatures.length !== signers || signers > accountKeys.length) {
    throw sanitizeFailure(`${signatures.length} signatures where the header asks for ${signers}`);
  }
  if (header.numReadonlySignedAccounts >= signers) throw sanitizeFailure("The fee payer is read-only");
  if (verify) {
    signatures.forEach((text, index) => {
      const signer = accountKeys[index] ?? "";
      if (!verifySignature(addressBytes(signer), fromBase58(text), messageBytes)) {
        throw new TransactionRejected(`Signature ${index} is not that of ${signer}`, "SignatureFailure");
      }
    });
  }
  const loaded = loadAddresses(message, accountOf, slot);
  const keys = [...accountKeys, ...loaded.writable, ...loaded.readonly];
  for (const instruction of message.instructions) {
    const { programIdIndex, accounts } = instruction;
    if (programIdIndex === 0 || programIdIndex >= accountKeys.length) {
      throw sanitizeFailure(`An instruction names program ${programIdIndex}`);
    }
    const missing = accounts.find((index) => index >= keys.length);
    if (missing !== undefined) throw sanitizeFailure(`An instruction names account ${missing}`);
  }
  if (new Set(keys).size !== keys.length) {
    throw new TransactionRejected("An account is named twice", "AccountLoadedTwice");
  }
  const firstReadonly = accountKeys.length - header.numReadonlyUnsignedAccounts;
  return {
    wire,
    version,
    transaction,
    signature,
    loaded,
    keys,
    isSigner: (index) => index < signers,
    isWritable: (index) => {
      if (index < signers) return index < signers - header.numReadonlySignedAccounts;
      if (index < accountKeys.length) return index < firstReadonly;
      return index < accountKeys.length + loaded.writable.length;
    },
  };
};
