import { getMintDecoder as getTokenMintDecoder } from "@solana-program/token";
import { getMintDecoder as getToken2022MintDecoder } from "@solana-program/token-2022";
import { describe, expect, it } from "vitest";
import { attempt } from "../../testing/attempt.ts";
import { readRecordedAccounts } from "../../testing/recorded-accounts.ts";
import { findTestData } from "../../testing/test-data.ts";
import { METAPLEX_METADATA_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM } from "../programs/addresses.ts";
import { visibleText } from "../visible-text.ts";
import { decodeMetaplexMetadata } from "./metaplex-metadata.ts";
import { decodeInterfaceMetadata } from "./interface-metadata.ts";
import { decodeMint } from "./mint.ts";
import { decodeToken2022Metadata } from "./token-2022-metadata.ts";

const folder = findTestData();
const suffix = folder === null ? " (skipped: no recorded data, see COMMCOIN_TEST_DATA)" : "";

describe.skipIf(folder === null)(`recorded accounts${suffix}`, () => {
  const accounts = folder === null ? [] : readRecordedAccounts(folder);
  const ownedBy = (program: string) => accounts.filter(({ owner }) => owner === program);
  const TOKEN_ACCOUNT_BYTES = 165;
  /** Where Token-2022 tells that a longer account is a token account, and how. */
  const isHolding = (data: Uint8Array): boolean =>
    data.length === TOKEN_ACCOUNT_BYTES ||
    (data.length > TOKEN_ACCOUNT_BYTES && data[TOKEN_ACCOUNT_BYTES] === 2);

  it("of Metaplex have names", () => {
    const metadata = ownedBy(METAPLEX_METADATA_PROGRAM);
    expect(metadata.length).toBeGreaterThan(40);
    const names = metadata.map(({ file, data }) => {
      const decoded = decodeMetaplexMetadata(data);
      expect(decoded, file).not.toBeNull();
      expect(decodeMint(data), file).toBeNull();
      return decoded;
    });
    expect(names.filter((found) => found?.name !== null).length).toBeGreaterThan(38);
    expect(JSON.stringify(names)).not.toMatch(/\\u0000|\ufffd/);
    process.stdout.write(`\n${names.map((found) => `${found?.symbol} (${found?.name})`).join(", ")}\n`);
  });

  it("of the Token program are mints where the published client says so", () => {
    const token = ownedBy(TOKEN_PROGRAM);
    const mints = token.filter(({ data }) => !isHolding(data));
    expect(mints.length).toBeGreaterThan(40);
    for (const { data } of mints) {
      const { supply, decimals } = getTokenMintDecoder().decode(data);
      expect(decodeMint(data)).toEqual({ supply, decimals });
    }
    for (const { data } of token.filter(({ data }) => isHolding(data))) expect(decodeMint(data)).toBeNull();
  });

  it("of Token-2022 have supply, decimals and the names that the published client reads", () => {
    const token = ownedBy(TOKEN_2022_PROGRAM);
    const mints = token.filter(({ data }) => !isHolding(data));
    expect(mints.length).toBeGreaterThan(3);
    let named = 0;
    for (const { data } of mints) {
      const { supply, decimals, extensions } = getToken2022MintDecoder().decode(data);
      expect(decodeMint(data)).toEqual({ supply, decimals });
      const list = extensions.__option === "Some" ? extensions.value : [];
      const metadata = list.find((extension) => extension.__kind === "TokenMetadata");
      const names =
        metadata === undefined
          ? null
          : {
              mint: metadata.mint,
              name: visibleText(metadata.name),
              symbol: visibleText(metadata.symbol),
              uri: visibleText(metadata.uri),
            };
      expect(decodeToken2022Metadata(data)).toEqual(names);
      if (names !== null) named++;
    }
    expect(named).toBeGreaterThan(0);
    for (const { data } of token.filter(({ data }) => isHolding(data))) {
      expect([decodeMint(data), decodeToken2022Metadata(data)]).toEqual([null, null]);
    }
  });

  it("of other programs are none of these", () => {
    for (const { data } of accounts.filter(({ owner }) => owner !== TOKEN_2022_PROGRAM)) {
      expect(decodeToken2022Metadata(data)).toBeNull();
    }
  });

  it("do not throw when they are cut off", () => {
    for (const { data } of accounts) {
      for (const length of [0, 1, 44, 45, 64, 82, 165, 166, 168, 200, data.length - 1]) {
        const part = data.subarray(0, Math.max(0, length));
        for (const decode of [
          decodeMint,
          decodeMetaplexMetadata,
          decodeToken2022Metadata,
          decodeInterfaceMetadata,
        ]) {
          expect(attempt(() => decode(part))).toBeNull();
        }
      }
    }
  });
});
