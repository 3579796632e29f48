import type { DecodedInstruction } from "@commcoin/protocol";
import { formatUnits } from "../decimal.ts";
import type { InstructionCursor } from "../instruction-cursor.ts";
import { readLayout, type InstructionLayout, type LaidOutInstruction } from "../instruction-layout.ts";
import { unknownInstruction, type InstructionSink } from "../instruction-sink.ts";
import type { KnownMints } from "../known-mints.ts";
import { TOKEN_2022_PROGRAM } from "./addresses.ts";
import { EXTENSION_LAYOUTS, TOKEN_2022_LAYOUTS } from "./token-2022-layouts.ts";
import { INTERFACE_LAYOUTS } from "./token-interface-layouts.ts";
import { BATCH_TAG, TOKEN_LAYOUTS } from "./token-layouts.ts";

const DISCRIMINATOR_BYTES = 8;

/**
 * Most instructions that a batch is taken apart into. Each names at least one account and an instruction can name
 * 255, so a larger one cannot succeed.
 */
const MAX_BATCH = 255;
/** Most instructions that a transaction's batches are taken apart to, so that none makes a message without bound. */
const MAX_LISTED = 2_048;

/**
 * Decodes an instruction of the Token program or of Token-2022. A batch becomes the instructions that it carries,
 * without itself; one that is malformed becomes a single `unknown`.
 *
 * Amounts are whole tokens when the decimals of the mint are known; else they stand under `raw_<name>` in base
 * units. The mint is added where the instruction does not name it but the transaction tells it.
 */
export function decodeTokenInstruction(
  cursor: InstructionCursor,
  programId: string,
  mints: KnownMints,
  sink: InstructionSink,
): void {
  const tag = cursor.u8();
  if (tag === BATCH_TAG && cursor.ok && sink.length < MAX_LISTED) decodeBatch(cursor, programId, mints, sink);
  else decodeOne(cursor, programId, tag, mints, sink);
}

/**
 * A batch: for each instruction the number of its accounts and the length of its data, one byte each, and the data
 * (https://github.com/solana-program/token/blob/main/pinocchio/program/src/processor/batch.rs).
 */
function decodeBatch(
  cursor: InstructionCursor,
  programId: string,
  mints: KnownMints,
  sink: InstructionSink,
): void {
  const decoded: (readonly [DecodedInstruction, bigint | null])[] = [];
  const children: InstructionSink = {
    length: 0,
    add: (instruction, amount) => decoded.push([instruction, amount]),
  };
  let firstAccount = 0;
  while (cursor.ok && cursor.left > 0 && decoded.length <= MAX_BATCH) {
    const accounts = cursor.u8();
    const bytes = cursor.u8();
    cursor.nested(bytes, firstAccount, accounts, () => {
      decodeOne(cursor, programId, cursor.u8(), mints, children);
    });
    firstAccount += accounts;
  }
  if (!cursor.ok || decoded.length === 0 || decoded.length > MAX_BATCH) {
    sink.add(unknownInstruction(programId), null);
    return;
  }
  for (const [instruction, amount] of decoded) sink.add(instruction, amount);
}

function decodeOne(
  cursor: InstructionCursor,
  programId: string,
  tag: number,
  mints: KnownMints,
  sink: InstructionSink,
): void {
  const layout = programId === TOKEN_2022_PROGRAM ? findToken2022Layout(cursor, tag) : TOKEN_LAYOUTS.get(tag);
  const read = layout === undefined || !cursor.ok ? null : readLayout(cursor, programId, layout);
  if (layout === undefined || read === null) {
    sink.add(unknownInstruction(programId), null);
    return;
  }
  resolveMint(read, layout, mints);
  sink.add(read.instruction, read.amount);
}

function findToken2022Layout(cursor: InstructionCursor, tag: number): InstructionLayout | undefined {
  const layout = TOKEN_2022_LAYOUTS.get(tag);
  if (layout !== undefined) return layout;
  const extension = EXTENSION_LAYOUTS.get(tag);
  if (extension !== undefined) return extension[cursor.u8()];
  if (cursor.left < DISCRIMINATOR_BYTES - 1) return undefined;
  cursor.back();
  return INTERFACE_LAYOUTS.get(cursor.discriminator());
}

const textField = (instruction: DecodedInstruction, name: string): string | undefined => {
  const value = instruction[name];
  return typeof value === "string" ? value : undefined;
};

function resolveMint(
  { instruction, pending, decimals: claimed }: LaidOutInstruction,
  { kind, holders }: InstructionLayout,
  mints: KnownMints,
): void {
  if (kind === "set_authority") nameOwned(instruction);
  let mint = textField(instruction, "mint");
  for (let at = 0; mint === undefined && at < holders.length; at++) {
    mint = mints.mintOf(textField(instruction, holders[at] ?? "") ?? "");
    if (mint !== undefined) instruction["mint"] = mint;
  }
  if (mint !== undefined) {
    for (const holder of holders) mints.learnAccount(textField(instruction, holder) ?? "", mint);
    const decimals = claimed ?? instruction["decimals"];
    if (typeof decimals === "number") mints.learnDecimals(mint, decimals);
  }
  const decimals = mint === undefined ? undefined : mints.decimalsOf(mint);
  for (const { name, value } of pending) {
    if (decimals === undefined) instruction[`raw_${name}`] = value.toString();
    else instruction[name] = formatUnits(value, decimals);
  }
}

/** `set_authority` is about a token account or about a mint; its authority type tells which. */
function nameOwned(instruction: DecodedInstruction): void {
  const type = instruction["authority_type"];
  if (type === "account_owner" || type === "close_account") return;
  instruction["mint"] = instruction["account"];
  delete instruction["account"];
}
