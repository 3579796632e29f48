import { address, getAddressEncoder, getProgramDerivedAddress } from "@solana/kit";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { encodeBase58 } from "../decode/base58.ts";
import { METAPLEX_METADATA_PROGRAM } from "../decode/programs/addresses.ts";
import { metadataAddress } from "./metadata-address.ts";

it("is the address that kit derives", async () => {
  const programAddress = address(METAPLEX_METADATA_PROGRAM);
  const bytesOf = (text: string) => getAddressEncoder().encode(address(text));
  const mints = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => encodeBase58(bytes));
  await fc.assert(
    fc.asyncProperty(mints, async (mint) => {
      const seeds = ["metadata", bytesOf(programAddress), bytesOf(mint)];
      const [derived] = await getProgramDerivedAddress({ programAddress, seeds });
      expect(metadataAddress(mint)).toBe(derived);
    }),
  );
});
