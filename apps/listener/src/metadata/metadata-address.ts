import { createHash } from "node:crypto";
import { address, getAddressEncoder, isOffCurveAddress, type Address } from "@solana/kit";
import { encodeBase58 } from "../decode/base58.ts";
import { METAPLEX_METADATA_PROGRAM } from "../decode/programs/addresses.ts";

const encoder = getAddressEncoder();
const PROGRAM = new Uint8Array(encoder.encode(address(METAPLEX_METADATA_PROGRAM)));
const SEED = new TextEncoder().encode("metadata");
const MARKER = new TextEncoder().encode("ProgramDerivedAddress");

/**
 * Where Metaplex Token Metadata keeps the name of a mint
 * (https://developers.metaplex.com/token-metadata/pdas). The same as kit's `getProgramDerivedAddress`, which hashes in
 * another thread and is waited for by all transactions behind it.
 */
export function metadataAddress(mint: string): Address {
  const mintBytes = new Uint8Array(encoder.encode(address(mint)));
  for (let bump = 255; bump >= 0; bump -= 1) {
    const hash = createHash("sha256").update(SEED).update(PROGRAM).update(mintBytes);
    const derived = encodeBase58(hash.update(Uint8Array.of(bump)).update(PROGRAM).update(MARKER).digest());
    if (isOffCurveAddress(derived as Address)) return derived as Address;
  }
  throw new Error(`There is no metadata address of ${mint}.`);
}
