import type { Position } from "@commcoin/protocol";
import type { ChainedPosition } from "./known-positions.ts";

const parts = (text: string): readonly [offset: number, epoch: string, chain: string, damaged: string] => {
  const [first = "", epoch, chain = "", damaged = ""] = text.split(":");
  const offset = Number(first);
  if (first === "" || epoch === undefined || !Number.isSafeInteger(offset)) {
    throw new Error(`Not a position: ${JSON.stringify(text)}`);
  }
  return [offset, epoch, chain, damaged];
};

/** Reads `<offset>:<epoch>`, the way scripts write where a message stands. */
export function readPosition(text: string): Position {
  const [offset, epoch] = parts(text);
  return { offset, epoch };
}

/** Reads `<offset>:<epoch>:<chain>:<damaged>`, the way scripts write where a topic stands. */
export function readStanding(text: string): { readonly position: ChainedPosition; readonly damaged: string } {
  const [offset, epoch, chain, damaged] = parts(text);
  return { position: { offset, epoch, chain }, damaged };
}
