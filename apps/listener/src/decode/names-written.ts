import type { DecodedInstruction } from "@commcoin/protocol";
import type { TokenMetadata } from "./decoded-transaction.ts";
import { MAX_TEXT_BYTES, visibleText } from "./visible-text.ts";

const shown = (text: string): string | null =>
  Buffer.byteLength(text) > MAX_TEXT_BYTES ? null : visibleText(text);

/** Names that instructions of Metaplex or of Token-2022 write for mints, as a person sees them. */
export function findNamesWritten(instructions: readonly DecodedInstruction[]): readonly TokenMetadata[] {
  const written: TokenMetadata[] = [];
  for (const { mint, name, symbol, uri } of instructions) {
    if (typeof name !== "string" || typeof symbol !== "string" || typeof uri !== "string") continue;
    if (typeof mint !== "string") continue;
    written.push({ mint, name: shown(name), symbol: shown(symbol), uri: shown(uri) });
  }
  return written;
}
