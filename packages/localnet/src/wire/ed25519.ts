import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import { toBase58 } from "./base58.ts";

/** ASN.1 wrapping of a raw Ed25519 key (RFC 8410). */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

const publicKeys = new Map<string, KeyObject>();
/** Keys of signers that are seen again and again. */
const CACHE_LIMIT = 10_000;

const publicKeyOf = (raw: Uint8Array): KeyObject => {
  const id = Buffer.from(raw).toString("latin1");
  const known = publicKeys.get(id);
  if (known) return known;
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: "der", type: "spki" });
  if (publicKeys.size >= CACHE_LIMIT) publicKeys.clear();
  publicKeys.set(id, key);
  return key;
};

/** False as well when the key is no point of the curve. */
export const verifySignature = (
  publicKey: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
): boolean => {
  try {
    return verify(null, message, publicKeyOf(publicKey), signature);
  } catch {
    return false;
  }
};

/** A signer made of a 32-byte seed; synchronous, unlike WebCrypto. */
export const createSeedSigner = (seed: Uint8Array) => {
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, seed]),
    format: "der",
    type: "pkcs8",
  });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return {
    address: toBase58(spki.subarray(SPKI_PREFIX.length)),
    sign: (message: Uint8Array): Uint8Array => sign(null, message, privateKey),
  };
};
