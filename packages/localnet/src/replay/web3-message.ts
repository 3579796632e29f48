import type { CompiledInstruction, JsonTransaction } from "../ledger/transaction.ts";
import { toBase58 } from "../wire/base58.ts";
import { RecordingError } from "./recording.ts";

/** A message as web3.js holds it in memory, written to JSON: `MessageV0`, or a legacy `Message` with its getters. */
interface Web3Message {
  readonly header: JsonTransaction["message"]["header"];
  readonly staticAccountKeys: readonly string[];
  readonly recentBlockhash: string;
  readonly compiledInstructions: readonly {
    readonly programIdIndex: number;
    readonly accountKeyIndexes: readonly number[];
    readonly data: unknown;
  }[];
  readonly addressTableLookups?: NonNullable<JsonTransaction["message"]["addressTableLookups"]>;
}

/** Bytes as JSON keeps them: a `Buffer`, or a `Uint8Array` as an object of its elements. */
const readBytes = (data: unknown): Uint8Array => {
  if (typeof data === "object" && data !== null) {
    const elements: unknown[] = "data" in data && Array.isArray(data.data) ? data.data : Object.values(data);
    if (elements.every((element) => typeof element === "number")) return Uint8Array.from(elements);
  }
  throw new RecordingError("instruction data that is no list of bytes");
};

/** A message of web3.js in the shape of encoding `json`. @throws {RecordingError} */
export const readWeb3Message = (message: unknown): JsonTransaction["message"] => {
  const { header, staticAccountKeys, recentBlockhash, compiledInstructions, addressTableLookups } =
    message as Web3Message;
  const instructions = compiledInstructions.map(
    ({ programIdIndex, accountKeyIndexes, data }): CompiledInstruction => ({
      programIdIndex,
      accounts: accountKeyIndexes,
      data: toBase58(readBytes(data)),
    }),
  );
  return {
    header,
    accountKeys: staticAccountKeys,
    recentBlockhash,
    instructions,
    ...(addressTableLookups ? { addressTableLookups } : {}),
  };
};
