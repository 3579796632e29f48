import { randomBytes } from "node:crypto";

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** An account address that nobody else uses: 32 bytes in base58. */
export function randomAddress(): string {
  // The first byte is not zero, so that no leading one is needed.
  let value = BigInt(`0x${Buffer.concat([Buffer.of(1), randomBytes(31)]).toString("hex")}`);
  let text = "";
  for (; value > 0n; value /= 58n) text = `${ALPHABET[Number(value % 58n)]}${text}`;
  return text;
}
