import { accountTopic, splitTopic, type Topic } from "@commcoin/protocol";

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const ADDRESS_BYTES = 32;
/** 32 zero bytes are 32 letters, 32 bytes of 255 are 44. */
const MIN_LETTERS = 32;
const MAX_LETTERS = 44;

/** Whether a text is 32 bytes in base58, as account addresses are. */
export function isAccountAddress(text: string): boolean {
  if (text.length < MIN_LETTERS || text.length > MAX_LETTERS) return false;
  let value = 0n;
  let leadingZeros = 0;
  for (const letter of text) {
    const digit = ALPHABET.indexOf(letter);
    if (digit < 0) return false;
    if (value === 0n && digit === 0) leadingZeros += 1;
    value = value * 58n + BigInt(digit);
  }
  const bytes = value === 0n ? 0 : Math.ceil(value.toString(16).length / 2);
  return leadingZeros + bytes === ADDRESS_BYTES;
}

const FAMILY = splitTopic(accountTopic("any")).name;

/** The account that an `account:` topic is about, valid or not; null for other topics. */
export function accountOf(topic: Topic): string | null {
  const { name, argument } = splitTopic(topic);
  return name === FAMILY ? argument : null;
}
