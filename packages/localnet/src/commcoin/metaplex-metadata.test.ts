import { existsSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { base58 } from "@scure/base";
import { address, getAddressDecoder } from "@solana/kit";
import { describe, expect, it } from "vitest";
import {
  METADATA_BYTES,
  createMetadataInstruction,
  decodeCreateMetadataArguments,
  encodeMetadataAccount,
} from "./metaplex-metadata.ts";
import { findMetadata } from "./pda.ts";

const DATA =
  process.env.COMMCOIN_TEST_DATA ?? fileURLToPath(new URL("../../../../../shared/data", import.meta.url));
const recorded = existsSync(`${DATA}/accounts`)
  ? readdirSync(`${DATA}/accounts`).filter((name) => name.startsWith("metaplex-metadata-"))
  : [];

const AUTHORITY = address("7Ny5TgfeCFgWoz9sUA6bX43XoFGw3kA6KZMEthRYEAnX");
const MINT = address("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v");

interface RecordedAccount {
  readonly request: { readonly params: readonly [string] };
  readonly response: { readonly result: { readonly value: { readonly data: readonly [string, string] } } };
}

const readRecorded = (name: string): { key: string; data: Buffer } => {
  const file = JSON.parse(readFileSync(`${DATA}/accounts/${name}`, "utf8")) as RecordedAccount;
  return {
    key: file.request.params[0],
    data: Buffer.from(file.response.result.value.data[0], "base64"),
  };
};

/** The fields that a coin's own metadata varies, read at the offsets of the padded layout. */
const readFields = (data: Buffer) => {
  const text = (offset: number) =>
    data
      .subarray(offset + 4, offset + 4 + data.readUInt32LE(offset))
      .toString("utf8")
      .replace(/\0+$/, "");
  const key = (offset: number) => getAddressDecoder().decode(data.subarray(offset, offset + 32));
  const hasCreators = data[321] === 1;
  const count = hasCreators ? data.readUInt32LE(322) : 0;
  const creators = Array.from({ length: count }, (_, index) => {
    const offset = 326 + index * 34;
    return { address: key(offset), verified: data[offset + 32] === 1, share: data[offset + 33] ?? 0 };
  });
  const end = hasCreators ? 326 + count * 34 : 322;
  return {
    updateAuthority: key(1),
    mint: key(33),
    metadata: {
      name: text(65),
      symbol: text(101),
      uri: text(115),
      sellerFeeBasisPoints: data.readUInt16LE(319),
      creators: hasCreators ? creators : null,
      isMutable: data[end + 1] === 1,
    },
    nonce: data[end + 3] ?? 0,
    /** Neither sold, nor with a collection or other late fields: what the create instruction alone writes. */
    plain:
      data[end] === 0 &&
      data[end + 2] === 1 &&
      data[end + 4] === 1 &&
      data[end + 5] === 2 &&
      data.subarray(end + 6).every((byte) => byte === 0),
  };
};

describe("metadata account", () => {
  it.skipIf(recorded.length === 0)(
    "has the bytes of recorded mainnet accounts (needs the recordings)",
    () => {
      let compared = 0;
      for (const name of recorded) {
        const { key, data } = readRecorded(name);
        const fields = readFields(data);
        expect(findMetadata(fields.mint).address).toBe(key);
        if (!fields.plain || data.length !== METADATA_BYTES) continue;
        const encoded = encodeMetadataAccount(
          fields.mint,
          fields.updateAuthority,
          fields.metadata,
          fields.nonce,
        );
        encoded[METADATA_BYTES - 1] = 0; // The recorded accounts have paid their creation fee.
        expect(Buffer.from(encoded).equals(data)).toBe(true);
        compared += 1;
      }
      expect(compared).toBeGreaterThan(10);
    },
  );

  it("pads name, symbol and uri", () => {
    const data = encodeMetadataAccount(
      MINT,
      AUTHORITY,
      { name: "Zörb", symbol: "ZRB", uri: "", sellerFeeBasisPoints: 0, creators: null, isMutable: true },
      255,
    );
    expect(data).toHaveLength(607);
    expect([data[0], data[65], data[101], data[115], data[606]]).toEqual([4, 32, 10, 200, 1]);
  });
});

describe("CreateMetadataAccountV3", () => {
  /** Data of a call recorded at mainnet slot 292743221 (pump.fun names a coin). */
  const RECORDED_DATA =
    "2HSxwqF2iQTdccaaTt7rehUzmNNkUgtYX9mhs6RrRrEhEzSWig1ckaJhp6dBiKjF6G9VkUsbBoaxRcVfnGsDhGywHwVVMpj6eE4skfx13i6ciFaZbFFM1XqWR5QEpEKxVRDUnB4Uw";

  it("is written as mainnet has it", () => {
    const data = base58.decode(RECORDED_DATA);
    const metadata = decodeCreateMetadataArguments(data);
    expect(metadata).toEqual({
      name: "MOO DOG",
      symbol: "MOODOG",
      uri: "https://ipfs.io/ipfs/QmbeFeWTrm1u1ev5VreMoqNK4aVuxtBXKpMdTrjdnHj7P3",
      sellerFeeBasisPoints: 0,
      creators: null,
      isMutable: false,
    });
    expect(Buffer.from(createMetadataInstruction(MINT, AUTHORITY, metadata).data).equals(data)).toBe(true);
  });

  it("carries creators", () => {
    const metadata = {
      name: "a",
      symbol: "b",
      uri: "c",
      sellerFeeBasisPoints: 500,
      creators: [{ address: AUTHORITY, verified: false, share: 100 }],
      isMutable: true,
    };
    const { data } = createMetadataInstruction(MINT, AUTHORITY, metadata);
    expect(decodeCreateMetadataArguments(data)).toEqual(metadata);
  });
});
