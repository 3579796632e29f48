import { DecodeError, UnknownVersionError } from "./decode-error.ts";
import type { RawInstruction, RawMessage } from "./raw-transaction.ts";
import { WireReader } from "./wire-reader.ts";

const SIGNATURE_BYTES = 64;
const BLOCKHASH_BYTES = 32;
const CONFIG_VALUE_BYTES = 4;
/** Set in a versioned message's first byte; the other bits are its version. */
const VERSION_FLAG = 0x80;

/** The first byte of a transaction of version 1; older ones begin with the number of signatures, far below. */
const VERSION_1 = VERSION_FLAG | 1;

/**
 * Reads a transaction in wire format, legacy, of version 0 or 1
 * (https://solana.com/docs/core/transactions, https://docs.anza.xyz/proposals/versioned-transactions).
 */
export function readWireTransaction(bytes: Uint8Array): RawMessage {
  const reader = new WireReader(bytes);
  const first = reader.peek();
  const message = first === VERSION_1 ? readVersion1(reader) : readSignaturesFirst(reader, first);
  if (reader.left > 0) throw new DecodeError(`The wire transaction is followed by ${reader.left} more bytes`);
  checkIndexes(message.instructions, message.staticAccounts.length + message.lookedUp);
  return message;
}

const unknownVersion = (versionByte: number): UnknownVersionError =>
  new UnknownVersionError(versionByte & ~VERSION_FLAG);

function readSignaturesFirst(reader: WireReader, first: number): RawMessage {
  if ((first & VERSION_FLAG) !== 0) throw unknownVersion(first);
  const signatures = reader.compact();
  if (signatures === 0) throw new DecodeError("The wire transaction carries no signature");
  const signature = reader.signature();
  reader.skip((signatures - 1) * SIGNATURE_BYTES);

  const versioned = (reader.peek() & VERSION_FLAG) !== 0;
  if (versioned) {
    const version = reader.byte();
    if (version !== VERSION_FLAG) throw unknownVersion(version);
  }
  reader.skip(3); // The header tells who signs and writes, which nothing here needs.
  const staticAccounts = Array.from({ length: reader.compact() }, () => reader.address());
  if (staticAccounts.length === 0) throw new DecodeError("The wire transaction names no account");
  reader.skip(BLOCKHASH_BYTES);

  const instructions: RawInstruction[] = [];
  for (let count = reader.compact(); count > 0; count--) {
    const programIndex = reader.byte();
    const accounts = reader.bytes(reader.compact());
    const data = reader.bytes(reader.compact());
    instructions.push({ programIndex, accounts, data, stackHeight: 1 });
  }
  const lookedUp = versioned ? countLookups(reader) : 0;
  return { signature, staticAccounts, instructions, lookedUp };
}

/**
 * SIMD-0385: no lookup tables, instructions as a table of their sizes with their contents behind it, signatures last
 * (https://github.com/solana-foundation/solana-improvement-documents/blob/main/proposals/0385-transaction-v1.md).
 */
function readVersion1(reader: WireReader): RawMessage {
  reader.skip(1);
  const signatures = reader.byte();
  if (signatures === 0) throw new DecodeError("The wire transaction carries no signature");
  reader.skip(2);
  const configMask = reader.u32();
  reader.skip(BLOCKHASH_BYTES);
  const instructionCount = reader.byte();
  const staticAccounts = Array.from({ length: reader.byte() }, () => reader.address());
  if (staticAccounts.length === 0) throw new DecodeError("The wire transaction names no account");
  // What it may use and pays for priority; what was paid is in the meta. Bits to come have their four bytes as well.
  reader.skip(CONFIG_VALUE_BYTES * countBits(configMask));
  const sizes = Array.from({ length: instructionCount }, () => ({
    programIndex: reader.byte(),
    accounts: reader.byte(),
    data: reader.u16(),
  }));
  const instructions = sizes.map(({ programIndex, accounts, data }): RawInstruction => ({
    programIndex,
    accounts: reader.bytes(accounts),
    data: reader.bytes(data),
    stackHeight: 1,
  }));
  const signature = reader.signature();
  reader.skip((signatures - 1) * SIGNATURE_BYTES);
  return { signature, staticAccounts, instructions, lookedUp: 0 };
}

function countBits(mask: number): number {
  let bits = 0;
  for (let rest = mask; rest !== 0; rest >>>= 1) bits += rest & 1;
  return bits;
}

function countLookups(reader: WireReader): number {
  let lookedUp = 0;
  for (let tables = reader.compact(); tables > 0; tables--) {
    reader.skip(32);
    for (let list = 0; list < 2; list++) {
      const indexes = reader.compact();
      reader.skip(indexes);
      lookedUp += indexes;
    }
  }
  return lookedUp;
}

function checkIndexes(instructions: readonly RawInstruction[], accounts: number): void {
  for (const { programIndex, accounts: indexes } of instructions) {
    for (let at = -1; at < indexes.length; at++) {
      const index = at < 0 ? programIndex : (indexes[at] ?? 0);
      if (index >= accounts) {
        throw new DecodeError(`An instruction names account ${index}, but there are only ${accounts}`);
      }
    }
  }
}
