const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** A valid account address, another one for each number up to 16 million: 29 bytes of zero, and three that tell the number. */
export function testAddress(n: number): string {
  let text = "";
  for (let rest = n + 65_536; rest > 0; rest = Math.floor(rest / 58)) text = `${ALPHABET[rest % 58]}${text}`;
  return text.padStart(text.length + 29, "1");
}
