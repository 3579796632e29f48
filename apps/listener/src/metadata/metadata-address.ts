import { address, getAddressEncoder, getProgramDerivedAddress, type Address } from "@solana/kit";
import { METAPLEX_METADATA_PROGRAM } from "../decode/programs/addresses.ts";

const program = address(METAPLEX_METADATA_PROGRAM);
const encoder = getAddressEncoder();

/**
 * Where Metaplex Token Metadata keeps the name of a mint
 * (https://developers.metaplex.com/token-metadata/pdas).
 */
export async function metadataAddress(mint: string): Promise<Address> {
  const [derived] = await getProgramDerivedAddress({
    programAddress: program,
    seeds: ["metadata", encoder.encode(program), encoder.encode(address(mint))],
  });
  return derived;
}
