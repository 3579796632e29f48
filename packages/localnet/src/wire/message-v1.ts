import type { JsonTransaction, TransactionConfig } from "../ledger/transaction.ts";
import { addressBytes, addressText, fromBase58, toBase58 } from "./base58.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/**
 * The layout of messages of version 1, behind their version byte (SIMD-0385,
 * https://github.com/solana-foundation/solana-improvement-documents/blob/main/proposals/0385-transaction-v1.md).
 */

type Message = JsonTransaction["message"];

/** Bits of the config mask; each stands for four bytes, and those of the priority fee only count together. */
const PRIORITY_FEE = 0b11;
/** In the order of their values. */
const LIMITS = [
  ["computeUnitLimit", 0b100],
  ["loadedAccountsDataSizeLimit", 0b1000],
  ["heapSize", 0b1_0000],
] as const;
const KNOWN_BITS = 0b1_1111;
const U32 = 2n ** 32n;

/** @throws RangeError past the end, and for a config mask that no node takes. */
export const readMessageV1 = (reader: ByteReader): Message => {
  const header = {
    numRequiredSignatures: reader.byte(),
    numReadonlySignedAccounts: reader.byte(),
    numReadonlyUnsignedAccounts: reader.byte(),
  };
  const mask = reader.integer(4);
  const recentBlockhash = addressText(reader.take(32));
  const instructionCount = reader.byte();
  const accountCount = reader.byte();
  const accountKeys = Array.from({ length: accountCount }, () => addressText(reader.take(32)));
  const transactionConfig = readConfig(reader, mask);
  const headers = Array.from({ length: instructionCount }, () => ({
    programIdIndex: reader.byte(),
    accounts: reader.byte(),
    bytes: reader.integer(2),
  }));
  const instructions = headers.map(({ programIdIndex, accounts, bytes }) => ({
    programIdIndex,
    accounts: [...reader.take(accounts)],
    data: toBase58(reader.take(bytes)),
    stackHeight: 1,
  }));
  return { header, accountKeys, recentBlockhash, instructions, transactionConfig };
};

const readConfig = (reader: ByteReader, mask: number): TransactionConfig => {
  const feeBits = mask & PRIORITY_FEE;
  if ((mask & ~KNOWN_BITS) !== 0 || (feeBits !== 0 && feeBits !== PRIORITY_FEE)) {
    throw new RangeError(`The config mask ${mask.toString(2)} is not valid`);
  }
  const priorityFee = feeBits === 0 ? null : readLamports(reader);
  const limits = LIMITS.map(([name, bit]) => [name, (mask & bit) === 0 ? null : reader.integer(4)] as const);
  return { ...(Object.fromEntries(limits) as Omit<TransactionConfig, "priorityFee">), priorityFee };
};

const readLamports = (reader: ByteReader): number | bigint => {
  const low = BigInt(reader.integer(4));
  const lamports = BigInt(reader.integer(4)) * U32 + low;
  return lamports <= Number.MAX_SAFE_INTEGER ? Number(lamports) : lamports;
};

export const writeMessageV1 = (writer: ByteWriter, message: Message): void => {
  const { header, accountKeys, instructions, transactionConfig } = message;
  writer.byte(header.numRequiredSignatures);
  writer.byte(header.numReadonlySignedAccounts);
  writer.byte(header.numReadonlyUnsignedAccounts);
  const fee = transactionConfig?.priorityFee ?? null;
  const limits = LIMITS.map(([name, bit]) => ({ bit, value: transactionConfig?.[name] ?? null }));
  const mask = limits.reduce((bits, { bit, value }) => (value === null ? bits : bits | bit), 0);
  writer.integer(fee === null ? mask : mask | PRIORITY_FEE, 4);
  writer.put(addressBytes(message.recentBlockhash));
  writer.byte(instructions.length);
  writer.byte(accountKeys.length);
  for (const key of accountKeys) writer.put(addressBytes(key));
  if (fee !== null) {
    writer.integer(Number(BigInt(fee) % U32), 4);
    writer.integer(Number(BigInt(fee) / U32), 4);
  }
  for (const { value } of limits) if (value !== null) writer.integer(value, 4);
  const payloads = instructions.map(({ accounts, data }) => ({ accounts, data: fromBase58(data) }));
  instructions.forEach(({ programIdIndex, accounts }, at) => {
    writer.byte(programIdIndex);
    writer.byte(accounts.length);
    writer.integer(payloads[at]?.data.length ?? 0, 2);
  });
  for (const { accounts, data } of payloads) {
    writer.put(accounts);
    writer.put(data);
  }
};
