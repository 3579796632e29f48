import { none, some, type Address } from "@solana/kit";
import { extension, getMintEncoder } from "@solana-program/token-2022";
import { decodeBase58 } from "../decode/base58.ts";
import { testAddress } from "./rpc-json.ts";

/** Builds accounts that say what a coin is called. */

type Field = string | Uint8Array;

const AUTHORITY = testAddress("authority");

export const bytesOfAddress = (address: string): Uint8Array => decodeBase58(address) ?? new Uint8Array(32);

const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);

/** Name, symbol and uri, each behind its length. */
export const namesBytes = (...names: readonly [Field, Field, Field]): Uint8Array =>
  Uint8Array.from(
    names.flatMap((field) => {
      const bytes = typeof field === "string" ? Buffer.from(field) : field;
      return [...u32(bytes.length), ...bytes];
    }),
  );

const behindAuthority = (mint: string, names: readonly [Field, Field, Field]): readonly number[] => [
  ...bytesOfAddress(AUTHORITY),
  ...bytesOfAddress(mint),
  ...namesBytes(...names),
];

export const metaplexAccount = (mint: string, ...names: readonly [Field, Field, Field]): Uint8Array =>
  Uint8Array.from([4, ...behindAuthority(mint, names)]);

/** Of any program that implements the token metadata interface. */
export function interfaceAccount(mint: string, ...names: readonly [Field, Field, Field]): Uint8Array {
  const value = [...behindAuthority(mint, names), 0, 0, 0, 0];
  return Uint8Array.from([112, 132, 90, 90, 11, 88, 157, 87, ...u32(value.length), ...value]);
}

/** A Token-2022 mint as the published client writes it, with metadata of its own behind that. */
export function token2022Mint({
  pointer,
  metadata,
}: {
  readonly pointer?: string | null;
  readonly metadata?: { readonly mint: string; readonly names: readonly [Field, Field, Field] };
}): Uint8Array {
  const pointers =
    pointer === undefined
      ? []
      : [
          extension("MetadataPointer", {
            authority: none<Address>(),
            metadataAddress: pointer === null ? none<Address>() : some(pointer as Address),
          }),
        ];
  // The client writes the type of the account only where there are extensions.
  const extensions = [...pointers, extension("NonTransferable", {})];
  const mint = getMintEncoder().encode({
    mintAuthority: none(),
    supply: 0n,
    decimals: 6,
    isInitialized: true,
    freezeAuthority: none(),
    extensions: some(extensions),
  });
  const value = metadata === undefined ? [] : [...behindAuthority(metadata.mint, metadata.names), 0, 0, 0, 0];
  const header = metadata === undefined ? [] : [19, 0, value.length & 0xff, value.length >> 8];
  return Uint8Array.from([...mint, ...header, ...value]);
}
