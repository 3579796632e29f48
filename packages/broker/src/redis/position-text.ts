import type { Position } from "@commcoin/protocol";

/** Reads `<offset>:<epoch>`, the way scripts write positions. */
export function readPosition(text: string): Position {
  const colon = text.indexOf(":");
  const offset = Number(text.slice(0, colon));
  if (colon < 0 || !Number.isSafeInteger(offset)) throw new Error(`Not a position: ${JSON.stringify(text)}`);
  return { offset, epoch: text.slice(colon + 1) };
}
