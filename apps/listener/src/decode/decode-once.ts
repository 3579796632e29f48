import type { DecodedTransaction } from "./decoded-transaction.ts";
import type { DecodeTransaction } from "./decode-transaction.ts";

/** Remembers what was decoded for as long as the JSON is kept: whoever checks it and whoever uses it share the work. */
export function decodeOnce(decode: DecodeTransaction): DecodeTransaction {
  const known = new WeakMap<object, DecodedTransaction>();
  return (json, place) => {
    if (place !== undefined || typeof json !== "object" || json === null) return decode(json, place);
    const before = known.get(json);
    if (before !== undefined) return before;
    const decoded = decode(json);
    known.set(json, decoded);
    return decoded;
  };
}
