import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attempt } from "../../testing/attempt.ts";
import { testAddress } from "../../testing/rpc-json.ts";
import {
  bytesOfAddress,
  interfaceAccount,
  metaplexAccount,
  namesBytes,
  token2022Mint,
} from "../../testing/name-accounts.ts";
import { decodeInterfaceMetadata } from "./interface-metadata.ts";
import { decodeMetaplexMetadata } from "./metaplex-metadata.ts";
import { decodeMetadataPointer, decodeToken2022Metadata } from "./token-2022-metadata.ts";

const MINT = testAddress("mint");
const POINTED = testAddress("pointed");
type Field = string | Uint8Array;

const formats = [
  ["Metaplex", metaplexAccount, decodeMetaplexMetadata],
  ["the interface", interfaceAccount, decodeInterfaceMetadata],
  [
    "Token-2022",
    (mint: string, ...names: [Field, Field, Field]) => token2022Mint({ metadata: { mint, names } }),
    decodeToken2022Metadata,
  ],
] as const;

describe.each(formats)("names in an account of %s", (_, write, decode) => {
  it("are read with the mint that they belong to", () => {
    expect(decode(write(MINT, "Coin", "C", "https://c"))).toEqual({
      mint: MINT,
      name: "Coin",
      symbol: "C",
      uri: "https://c",
    });
  });

  it.each([
    [
      "a name that is too long",
      ["n".repeat(1_025), "C", "https://c"],
      { name: null, symbol: "C", uri: "https://c" },
    ],
    [
      "a name that is no UTF-8",
      [Uint8Array.of(0xc3, 0x28), "C", "https://c"],
      { name: null, symbol: "C", uri: "https://c" },
    ],
    [
      "a name that nobody sees",
      ["\u200b\u200b", "C", "https://c"],
      { name: null, symbol: "C", uri: "https://c" },
    ],
    [
      "a symbol that is too long",
      ["Coin", "s".repeat(2_000), "https://c"],
      { name: "Coin", symbol: null, uri: "https://c" },
    ],
    [
      "an address that is no UTF-8",
      ["Coin", "C", Uint8Array.of(0xff)],
      { name: "Coin", symbol: "C", uri: null },
    ],
    ["nothing", ["", "", ""], { name: null, symbol: null, uri: null }],
  ] as const)("are null each by itself, with %s", (_, names, expected) => {
    expect(decode(write(MINT, ...(names as unknown as [Field, Field, Field])))).toEqual({
      mint: MINT,
      ...expected,
    });
  });

  it("are read as far as the data goes, and never throw", () => {
    const whole = write(MINT, "Coin", "C", "https://c");
    for (let length = 0; length < whole.length; length += 1) {
      expect(attempt(() => decode(whole.subarray(0, length)))).toBeNull();
    }
    fc.assert(
      fc.property(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 8 }), (at, bytes) => {
        const changed = Uint8Array.from(whole);
        bytes.forEach((byte, index) => (changed[(at + index) % changed.length] = byte));
        expect(attempt(() => [decode(changed), decodeMetadataPointer(changed)])).toBeNull();
      }),
      { numRuns: 500 },
    );
  });
});

it("a length that reaches beyond the data takes what would follow along, not what came before", () => {
  const data = metaplexAccount(MINT, "Coin", "C", "https://c");
  const symbolAt = 65 + 4 + 4;
  new DataView(data.buffer).setUint32(symbolAt, 0xffff_ffff, true);
  expect(decodeMetaplexMetadata(data)).toEqual({ mint: MINT, name: "Coin", symbol: null, uri: null });
});

it("the interface's metadata is found behind other entries", () => {
  const entry = [...new Uint8Array(8).fill(7), 3, 0, 0, 0, 1, 2, 3];
  const data = Uint8Array.from([
    ...entry,
    ...interfaceAccount(MINT, "Coin", "C", "u"),
    ...new Uint8Array(50),
  ]);
  expect(decodeInterfaceMetadata(data)).toMatchObject({ mint: MINT, name: "Coin" });
  expect(decodeInterfaceMetadata(Uint8Array.from(entry))).toBeNull();
  expect(decodeInterfaceMetadata(new Uint8Array(200))).toBeNull();
});

it("a mint's pointer is read, and none where it is empty or absent", () => {
  expect(decodeMetadataPointer(token2022Mint({ pointer: POINTED }))).toBe(POINTED);
  expect(decodeMetadataPointer(token2022Mint({ pointer: null }))).toBeNull();
  expect(
    decodeMetadataPointer(token2022Mint({ metadata: { mint: MINT, names: ["a", "b", "c"] } })),
  ).toBeNull();
  expect(decodeMetadataPointer(namesBytes("a", "b", "c"))).toBeNull();
  expect(decodeMetadataPointer(bytesOfAddress(MINT))).toBeNull();
});
