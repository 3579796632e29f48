import { DecodeError } from "./decode-error.ts";
import type { RawInstruction, RawMessage } from "./raw-transaction.ts";
import { WireReader } from "./wire-reader.ts";

const SIGNATURE_BYTES = 64;
const BLOCKHASH_BYTES = 32;
/** Set in a versioned message's first byte; the other bits are its version. */
const VERSION_FLAG = 0x80;

/**
 * Reads a transaction in wire format, legacy or version 0
 * (https://solana.com/docs/core/transactions, https://docs.anza.xyz/proposals/versioned-transactions).
 */
export function readWireTransaction(bytes: Uint8Array): RawMessage {
  const reader = new WireReader(bytes);
  const signatures = reader.compact();
  if (signatures === 0) throw new DecodeError("The wire transaction carries no signature");
  const signature = reader.signature();
  reader.skip((signatures - 1) * SIGNATURE_BYTES);

  const versioned = (reader.peek() & VERSION_FLAG) !== 0;
  if (versioned) {
    const version = reader.byte() & ~VERSION_FLAG;
    if (version !== 0) {
      throw new DecodeError(
        `Wire transactions of version ${version} cannot be read; ask for encoding "json"`,
      );
    }
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
  if (reader.left > 0) throw new DecodeError(`The wire transaction is followed by ${reader.left} more bytes`);
  checkIndexes(instructions, staticAccounts.length + lookedUp);
  return { signature, staticAccounts, instructions, lookedUp };
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
