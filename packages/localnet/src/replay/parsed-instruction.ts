import { fromBase58 } from "../wire/base58.ts";
import { u8 } from "./instruction-bytes.ts";
import {
  createInfoReader,
  type ParsedInstruction,
  type RawInstruction,
  RecordingError,
} from "./recording.ts";
import { systemInstructions } from "./system-instructions.ts";
import { tokenInstructions } from "./token-instructions.ts";

/**
 * The bytes that an instruction may have had, likeliest first. Mostly there is one possibility; a signature over the
 * whole message decides between several.
 * @throws {RecordingError} for an instruction that nobody here can rebuild.
 */
export const rebuildInstruction = (
  instruction: ParsedInstruction,
  feePayer: string,
): readonly RawInstruction[] => {
  const { program, programId, parsed, accounts, data } = instruction;
  if (parsed === undefined) {
    if (!accounts || data === undefined)
      throw new RecordingError(`an instruction of ${programId} without data`);
    return [{ accounts, data: fromBase58(data) }];
  }
  if (typeof parsed === "string") {
    if (program !== "spl-memo") throw new RecordingError(`parsed text of ${program ?? programId}`);
    // The signers that a memo may name are not shown.
    const memo = Uint8Array.from(Buffer.from(parsed, "utf8"));
    return [
      { accounts: [], data: memo },
      { accounts: [feePayer], data: memo },
    ];
  }
  const what = `${program ?? programId} ${parsed.type}`;
  const info = createInfoReader(what, parsed.info);
  if (program === "system") {
    const rebuild = systemInstructions[parsed.type];
    if (rebuild) return [rebuild(info)];
  }
  if (program === "spl-token") {
    const rebuild = tokenInstructions[parsed.type];
    if (rebuild) return rebuild(info);
  }
  if (program === "spl-associated-token-account") {
    const rent = info.optionalText("rentSysvar");
    const named = ["source", "account", "wallet", "mint", "systemProgram", "tokenProgram"];
    const all = [...named.map((field) => info.text(field)), ...(rent === null ? [] : [rent])];
    // Before version 1.1 of the program the instruction had no data, and named the rent sysvar.
    const empty = { accounts: all, data: new Uint8Array() };
    const tagged = { accounts: all, data: u8(0) };
    if (parsed.type === "create") return rent === null ? [tagged, empty] : [empty, tagged];
    if (parsed.type === "createIdempotent") return [{ accounts: all, data: u8(1) }];
  }
  throw new RecordingError(`no way to rebuild the bytes of "${what}"`);
};
