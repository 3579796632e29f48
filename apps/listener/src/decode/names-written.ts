import type { DecodedInstruction } from "@commcoin/protocol";
import type { TokenMetadata } from "./decoded-transaction.ts";

/** Cuts the NUL bytes off that Metaplex fills its fields with. */
export function trimNuls(text: string): string {
  const end = text.indexOf("\0");
  return (end < 0 ? text : text.slice(0, end)).trim();
}

/** Names that instructions of Metaplex or of Token-2022 write for mints. */
export function findNamesWritten(instructions: readonly DecodedInstruction[]): readonly TokenMetadata[] {
  const written: TokenMetadata[] = [];
  for (const { mint, name, symbol, uri } of instructions) {
    if (typeof name !== "string" || typeof symbol !== "string" || typeof uri !== "string") continue;
    if (typeof mint !== "string") continue;
    written.push({ mint, name: trimNuls(name), symbol: trimNuls(symbol), uri: trimNuls(uri) });
  }
  return written;
}
