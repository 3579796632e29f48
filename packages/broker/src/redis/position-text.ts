import type { Position } from "@commcoin/protocol";

/** Reads `<offset>:<epoch>`, the way scripts write positions, from the given index on. */
export function readPosition(text: string, start = 0): Position {
  const colon = text.indexOf(":", start);
  const offset = Number(text.slice(start, colon));
  if (colon < 0 || !Number.isSafeInteger(offset)) throw new Error(`Not a position: ${JSON.stringify(text)}`);
  return { offset, epoch: text.slice(colon + 1) };
}
