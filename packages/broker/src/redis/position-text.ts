import type { Position } from "@commcoin/protocol";
import type { ChainedPosition } from "./known-positions.ts";

const parts = (text: string): readonly [offset: number, epoch: string, chain: string] => {
  const [first = "", epoch, chain = ""] = text.split(":");
  const offset = Number(first);
  if (first === "" || epoch === undefined || !Number.isSafeInteger(offset)) {
    throw new Error(`Not a position: ${JSON.stringify(text)}`);
  }
  return [offset, epoch, chain];
};

/** Reads `<offset>:<epoch>`, the way scripts write where a message stands. */
export function readPosition(text: string): Position {
  const [offset, epoch] = parts(text);
  return { offset, epoch };
}

/** Reads `<offset>:<epoch>:<chain>`, the way scripts write where a topic stands. */
export function readChainedPosition(text: string): ChainedPosition {
  const [offset, epoch, chain] = parts(text);
  return { offset, epoch, chain };
}
