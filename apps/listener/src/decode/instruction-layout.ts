import type { DecodedInstruction } from "@commcoin/protocol";
import { formatSol } from "./decimal.ts";
import type { InstructionCursor } from "./instruction-cursor.ts";

/**
 * How a field is written in an instruction's data, and what it becomes:
 * - `u8`, `u16`, `i16`: a number; `u64`, `i64`, `f64`: a string; `bool`.
 * - `sol`: u64 of lamports, as SOL.
 * - `amount`: u64 of base units, as whole tokens; `amount?`: the same behind an option byte, absent for none.
 * - `decimals`: u8, the decimals that the sender believes in; it is used, not reported.
 * - `address`; `address?`: behind an option byte; `address|0`: all zeros for none. None becomes null.
 * - `string`: u32 length and UTF-8; `seed`: the same with a u64 length; `rest`: UTF-8 to the end.
 * - `account_state`, `authority_type`: one byte, as its name.
 * - `metadata_field`: which field of token metadata is meant, as its name or key.
 */
export type FieldType =
  | "u8"
  | "u16"
  | "i16"
  | "u64"
  | "i64"
  | "f64"
  | "bool"
  | "sol"
  | "amount"
  | "amount?"
  | "decimals"
  | "address"
  | "address?"
  | "address|0"
  | "string"
  | "seed"
  | "rest"
  | "account_state"
  | "authority_type"
  | "metadata_field";

/** Where an instruction's fields stand. */
export interface InstructionLayout {
  readonly kind: string;
  /** Names of the leading accounts; those that are not reported are "". */
  readonly accounts: readonly string[];
  readonly data: readonly (readonly [name: string, type: FieldType])[];
  /** Those of `accounts` that are token accounts of the instruction's mint. */
  readonly holders: readonly string[];
  /** Name of the list of all accounts behind the leading ones; not reported when undefined. */
  readonly others: string | undefined;
}

export const layout = (
  kind: string,
  accounts: string,
  data: Readonly<Record<string, FieldType>> = {},
  more: { readonly holders?: string; readonly others?: string } = {},
): InstructionLayout => ({
  kind,
  accounts: split(accounts),
  data: Object.entries(data),
  holders: split(more.holders ?? ""),
  others: more.others,
});

const split = (names: string): readonly string[] =>
  names === "" ? [] : names.split(" ").map((name) => (name === "-" ? "" : name));

const ACCOUNT_STATES = ["uninitialized", "initialized", "frozen"] as const;

/** In the order of the program's `AuthorityType`. */
const AUTHORITY_TYPES = [
  "mint_tokens",
  "freeze_account",
  "account_owner",
  "close_account",
  "transfer_fee_config",
  "withheld_withdraw",
  "close_mint",
  "interest_rate",
  "permanent_delegate",
  "confidential_transfer_mint",
  "transfer_hook_program_id",
  "confidential_transfer_fee_config",
  "metadata_pointer",
  "group_pointer",
  "group_member_pointer",
  "scaled_ui_amount",
  "pause",
  "permissioned_burn",
] as const;

const METADATA_FIELDS = ["name", "symbol", "uri"] as const;
const METADATA_FIELD_KEY = 3;

const NO_ADDRESS = "11111111111111111111111111111111";

/** Token amounts that wait for the decimals of their mint. */
interface PendingAmount {
  readonly name: string;
  readonly value: bigint;
}

export interface LaidOutInstruction {
  readonly instruction: DecodedInstruction;
  readonly pending: readonly PendingAmount[];
  /** Decimals that the instruction itself names. */
  readonly decimals: number | null;
  /** First amount, of SOL or tokens, in the smallest unit. */
  readonly amount: bigint | null;
}

const NOTHING_PENDING: readonly PendingAmount[] = [];

/** Reads the fields that stand at the cursor; null when the instruction is too short or malformed. */
export function readLayout(
  cursor: InstructionCursor,
  programId: string,
  { kind, accounts, data, others }: InstructionLayout,
): LaidOutInstruction | null {
  const instruction: Record<string, unknown> & DecodedInstruction = { program_id: programId, kind };
  for (let place = 0; place < accounts.length; place++) {
    const name = accounts[place] ?? "";
    const address = cursor.account(place);
    if (name !== "") instruction[name] = address;
  }
  let pending: PendingAmount[] | null = null;
  let decimals: number | null = null;
  let amount: bigint | null = null;
  for (const [name, type] of data) {
    switch (type) {
      case "amount":
      case "amount?": {
        if (type === "amount?" && !readOption(cursor)) break;
        const value = cursor.u64();
        amount ??= value;
        (pending ??= []).push({ name, value });
        break;
      }
      case "sol": {
        const value = cursor.u64();
        amount ??= value;
        instruction[name] = formatSol(value);
        break;
      }
      case "decimals":
        decimals = cursor.u8();
        break;
      default:
        instruction[name] = readField(cursor, type);
    }
  }
  if (others !== undefined && cursor.accountCount > accounts.length) {
    instruction[others] = Array.from({ length: cursor.accountCount - accounts.length }, (_, index) =>
      cursor.account(accounts.length + index),
    );
  }
  return cursor.ok ? { instruction, pending: pending ?? NOTHING_PENDING, decimals, amount } : null;
}

type PlainField = Exclude<FieldType, "amount" | "amount?" | "sol" | "decimals">;

function readField(cursor: InstructionCursor, type: PlainField): string | number | boolean | null {
  switch (type) {
    case "u8":
      return cursor.u8();
    case "u16":
      return cursor.u16();
    case "i16":
      return cursor.i16();
    case "u64":
      return cursor.u64().toString();
    case "i64":
      return cursor.i64().toString();
    case "f64":
      return String(cursor.f64());
    case "bool":
      return cursor.u8() !== 0;
    case "address":
      return cursor.address();
    case "address?":
      return readOption(cursor) ? cursor.address() : null;
    case "address|0": {
      const address = cursor.address();
      return address === NO_ADDRESS ? null : address;
    }
    case "string":
      return cursor.text(cursor.u32());
    case "seed":
      return cursor.text(Number(cursor.u64()));
    case "rest":
      return cursor.text(cursor.left);
    case "account_state":
      return named(cursor, ACCOUNT_STATES);
    case "authority_type":
      return named(cursor, AUTHORITY_TYPES);
    case "metadata_field":
      break;
  }
  const field = cursor.u8();
  return field === METADATA_FIELD_KEY ? cursor.text(cursor.u32()) : known(cursor, METADATA_FIELDS[field]);
}

/** Whether a value follows an option byte. */
function readOption(cursor: InstructionCursor): boolean {
  const tag = cursor.u8();
  if (tag > 1) cursor.ok = false;
  return tag === 1;
}

const named = (cursor: InstructionCursor, names: readonly string[]): string =>
  known(cursor, names[cursor.u8()]);

function known(cursor: InstructionCursor, name: string | undefined): string {
  if (name === undefined) cursor.ok = false;
  return name ?? "";
}
