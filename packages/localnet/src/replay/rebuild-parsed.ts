import type {
  CompiledInstruction,
  InnerInstructions,
  JsonTransaction,
  TransactionMeta,
} from "../ledger/transaction.ts";
import { toBase58 } from "../wire/base58.ts";
import type { TransactionVersion } from "../wire/transaction.ts";
import { rebuildInstruction } from "./parsed-instruction.ts";
import { type ParsedInstruction, type RawInstruction, RecordingError } from "./recording.ts";
import { isSigned } from "./signed.ts";

export interface ParsedTransaction {
  readonly signatures: readonly string[];
  readonly message: {
    readonly accountKeys: readonly {
      readonly pubkey: string;
      readonly signer: boolean;
      readonly writable: boolean;
      readonly source?: "transaction" | "lookupTable";
    }[];
    readonly recentBlockhash: string;
    readonly instructions: readonly ParsedInstruction[];
    readonly addressTableLookups?: JsonTransaction["message"]["addressTableLookups"] | null;
  };
}

export type ParsedMeta = Omit<TransactionMeta, "innerInstructions"> & {
  readonly innerInstructions?:
    | readonly { readonly index: number; readonly instructions: readonly ParsedInstruction[] }[]
    | null;
};

/** More combinations than this, and a recording is given up. */
const MAX_CANDIDATES = 4_096;

/** All ways to pick one of each list. */
const combinations = <T>(lists: readonly (readonly T[])[]): T[][] => {
  let picked: T[][] = [[]];
  for (const list of lists) {
    picked = picked.flatMap((start) => list.map((item) => [...start, item]));
    if (picked.length > MAX_CANDIDATES) throw new RecordingError("too many ways to rebuild it");
  }
  return picked;
};

const compiler = (keys: readonly string[]) => {
  const indexOf = new Map(keys.map((key, index) => [key, index]));
  const index = (key: string): number => {
    const found = indexOf.get(key);
    if (found === undefined) throw new RecordingError(`account ${key} is not among the transaction's keys`);
    return found;
  };
  return (shown: ParsedInstruction, raw: RawInstruction): CompiledInstruction => ({
    programIdIndex: index(shown.programId),
    accounts: raw.accounts.map(index),
    data: toBase58(raw.data),
    ...(shown.stackHeight === undefined ? {} : { stackHeight: shown.stackHeight }),
  });
};

/**
 * Headers that fit the roles shown. Read-only keys may belong to the writable part of the message: the runtime takes
 * that right from programs and sysvars, and `jsonParsed` shows what remains.
 */
const headers = (
  keys: ParsedTransaction["message"]["accountKeys"],
): JsonTransaction["message"]["header"][] => {
  const signers = keys.filter((key) => key.signer);
  const others = keys.filter((key) => !key.signer);
  const lastWritable = others.findLastIndex((key) => key.writable);
  const readonlySigners = signers.length - 1 - signers.findLastIndex((key) => key.writable);
  return Array.from({ length: others.length - lastWritable }, (_, demoted) => ({
    numRequiredSignatures: signers.length,
    numReadonlySignedAccounts: readonlySigners,
    numReadonlyUnsignedAccounts: others.length - lastWritable - 1 - demoted,
  }));
};

/**
 * Turns a `jsonParsed` recording back into the compiled form. What is signed is proved by the first signature; inner
 * instructions nobody signs, so that where their parsed form leaves a choice (`create` of an associated token account),
 * the usual one is taken.
 * @throws {RecordingError} when no way to rebuild the message fits the signature.
 */
export const rebuildParsed = (
  recorded: ParsedTransaction,
  recordedMeta: ParsedMeta,
): {
  readonly version: TransactionVersion;
  readonly transaction: JsonTransaction;
  readonly meta: TransactionMeta;
} => {
  const { signatures, message } = recorded;
  const own = message.accountKeys.filter((key) => key.source !== "lookupTable");
  const loaded = message.accountKeys.filter((key) => key.source === "lookupTable");
  const compile = compiler(message.accountKeys.map((key) => key.pubkey));
  const feePayer = own[0]?.pubkey ?? "";
  const lookups = message.addressTableLookups;
  const version: TransactionVersion = lookups ? 0 : "legacy";

  const choices = message.instructions.map((shown) =>
    rebuildInstruction(shown, feePayer).map((raw) => compile(shown, raw)),
  );
  const transaction = combinations<CompiledInstruction>(choices)
    .flatMap((instructions) => headers(own).map((header) => ({ header, instructions })))
    .map(({ header, instructions }): JsonTransaction => {
      const { recentBlockhash } = message;
      const accountKeys = own.map((key) => key.pubkey);
      return {
        signatures,
        message: {
          header,
          accountKeys,
          recentBlockhash,
          instructions,
          ...(lookups ? { addressTableLookups: lookups } : {}),
        },
      };
    })
    .find((candidate) => isSigned(candidate, version));
  if (!transaction) throw new RecordingError("no message that fits what is shown has this signature");

  const { innerInstructions: shownInner, ...meta } = recordedMeta;
  const innerInstructions: InnerInstructions[] | null =
    shownInner?.map(({ index, instructions }) => ({
      index,
      instructions: instructions.map((shown) => {
        const [likeliest] = rebuildInstruction(shown, feePayer);
        if (!likeliest) throw new RecordingError(`an inner instruction of ${shown.programId}`);
        return compile(shown, likeliest);
      }),
    })) ?? null;
  return {
    version,
    transaction,
    meta: {
      ...meta,
      innerInstructions,
      loadedAddresses: {
        writable: loaded.filter((key) => key.writable).map((key) => key.pubkey),
        readonly: loaded.filter((key) => !key.writable).map((key) => key.pubkey),
      },
    },
  };
};
