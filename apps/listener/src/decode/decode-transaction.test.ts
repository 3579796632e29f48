import { getInitializeTokenMetadataInstruction } from "@solana-program/token-2022";
import { address } from "@solana/kit";
import { describe, expect, it } from "vitest";
import {
  commcoinSession,
  type Step,
  TEST_COMMCOIN,
  TEST_MINT,
  TEST_USER,
} from "../testing/commcoin-session.ts";
import { rpcTransaction, testAddress } from "../testing/rpc-json.ts";
import { readRecorded } from "../testing/recorded-transactions.ts";
import { findTestData } from "../testing/test-data.ts";
import { createTransactionDecoder } from "./decode-transaction.ts";
import { LISTED_PROGRAMS } from "./listed-programs.ts";
import { METAPLEX_METADATA_PROGRAM, SYSTEM_PROGRAM, TOKEN_PROGRAM } from "./programs/addresses.ts";

const decode = createTransactionDecoder({ commcoinProgramId: TEST_COMMCOIN });
const NOISE = [77, 77, 77, 77, 77, 77, 77, 77, 77];
const OTHER = testAddress("other program");
const call = (program: string, data: readonly number[] = NOISE, height = 2) => ({
  program,
  accounts: [TEST_USER],
  data,
  height,
});

describe("what is listed", () => {
  it("is every instruction of the listed programs and of CommCoin, and none of another", () => {
    const programs = [...LISTED_PROGRAMS, TEST_COMMCOIN];
    const instructions = programs.flatMap((program) => [call(OTHER), call(program)]);
    const decoded = decode(rpcTransaction({ payer: TEST_USER, instructions }));
    expect(decoded.instructions).toEqual(programs.map((program_id) => ({ program_id, kind: "unknown" })));
    expect(decoded.programs).toEqual([OTHER, ...programs]);
  });

  it("stands in execution order, inner ones behind their caller", () => {
    const [first, second] = [call(SYSTEM_PROGRAM), call(TOKEN_PROGRAM)];
    const instructions = [
      { ...first, inner: [call(TEST_COMMCOIN), call(TOKEN_PROGRAM, NOISE, 3)] },
      { ...call(OTHER), inner: [call(METAPLEX_METADATA_PROGRAM)] },
      second,
    ];
    const decoded = decode(rpcTransaction({ payer: TEST_USER, instructions }));
    expect(decoded.instructions.map(({ program_id }) => program_id)).toEqual([
      SYSTEM_PROGRAM,
      TEST_COMMCOIN,
      TOKEN_PROGRAM,
      METAPLEX_METADATA_PROGRAM,
      TOKEN_PROGRAM,
    ]);
  });

  it("is bounded: batches are not taken apart behind 2,048", () => {
    const batch = {
      program: TOKEN_PROGRAM,
      accounts: Array.from({ length: 255 }, () => TEST_USER),
      data: [255, ...Array.from({ length: 255 }, () => [1, 1, 17]).flat()],
    };
    const { instructions } = decode(
      rpcTransaction({ payer: TEST_USER, instructions: Array.from({ length: 12 }, () => batch) }),
    );
    expect(instructions).toHaveLength(9 * 255 + 3);
    expect(instructions.at(-1)).toEqual({ program_id: TOKEN_PROGRAM, kind: "unknown" });
  });

  it("may be nothing", () => {
    const { instructions, summary, programs } = decode(
      rpcTransaction({ payer: TEST_USER, instructions: [] }),
    );
    expect([instructions, programs]).toEqual([[], []]);
    expect(summary).toEqual({ kind: "unknown", program_id: SYSTEM_PROGRAM });
  });
});

describe("names", () => {
  const borsh = (text: string): number[] => [text.length, 0, 0, 0, ...Buffer.from(text)];
  const names = [...borsh("Coin\0\0"), ...borsh("C"), ...borsh("https://c")];
  const written = { mint: TEST_MINT, name: "Coin", symbol: "C", uri: "https://c" };
  const metadata = testAddress("metadata");
  const steps: Step[] = [{ do: "create" }];

  it.each([
    ["create_metadata_account", [0], [metadata, TEST_MINT]],
    ["create_metadata_account_v2", [16], [metadata, TEST_MINT]],
    ["create_metadata_account_v3", [33], [metadata, TEST_MINT]],
    ["create", [42, 0], [metadata, testAddress("edition"), TEST_MINT]],
  ])("are those that Metaplex's %s writes", (kind, tag, accounts) => {
    const instruction = { program: METAPLEX_METADATA_PROGRAM, accounts, data: [...tag, ...names] };
    const decoded = decode(rpcTransaction({ payer: TEST_USER, instructions: [instruction] }));
    expect(decoded.instructions).toMatchObject([{ kind, mint: TEST_MINT, metadata }]);
    expect(decoded.metadata).toEqual([written]);
    const failed = decode(
      rpcTransaction({ payer: TEST_USER, instructions: [instruction], err: "AccountNotFound" }),
    );
    expect(failed.metadata).toEqual([]);
  });

  it.each([
    ["hide something", "\u202eNIOC\u200b", "C", { name: "NIOC", symbol: "C" }],
    ["show nothing", "\u200b\u3164", " C ", { name: null, symbol: "C" }],
    ["are too long", "n".repeat(1_025), "C", { name: null, symbol: "C" }],
  ])("are what a person sees of texts that %s", (_, name, symbol, expected) => {
    const text = (value: string): number[] => {
      const bytes = Buffer.from(value);
      return [bytes.length & 0xff, bytes.length >> 8, 0, 0, ...bytes];
    };
    const data = [33, ...text(name), ...text(symbol), ...text("https://c")];
    const instruction = { program: METAPLEX_METADATA_PROGRAM, accounts: [metadata, TEST_MINT], data };
    const decoded = decode(rpcTransaction({ payer: TEST_USER, instructions: [instruction] }));
    expect(decoded.metadata).toEqual([{ mint: TEST_MINT, ...expected, uri: "https://c" }]);
    expect(decoded.instructions[0]).toMatchObject({ name, symbol });
  });

  it("are those that Token-2022 writes", () => {
    const { programAddress, accounts, data } = getInitializeTokenMetadataInstruction({
      metadata: address(TEST_MINT),
      updateAuthority: address(TEST_USER),
      mint: address(TEST_MINT),
      mintAuthority: address(TEST_USER) as never,
      name: "Coin",
      symbol: "C",
      uri: "https://c",
    });
    const keys = accounts.map((account) => account.address);
    const instruction = { program: programAddress, accounts: keys, data: Uint8Array.from(data) };
    expect(decode(rpcTransaction({ payer: TEST_USER, instructions: [instruction] })).metadata).toEqual([
      written,
    ]);
  });

  it("come with the coin when its own transaction writes them", () => {
    const json = commcoinSession(steps);
    const keys = json.transaction.message.accountKeys;
    const named = rpcTransaction({
      payer: TEST_USER,
      instructions: [
        { program: METAPLEX_METADATA_PROGRAM, accounts: [metadata, TEST_MINT], data: [33, ...names] },
      ],
    });
    const [instruction] = named.transaction.message.instructions;
    if (instruction === undefined) throw new Error("nothing was built");
    keys.push(metadata, METAPLEX_METADATA_PROGRAM);
    json.transaction.message.instructions.push({
      ...instruction,
      programIdIndex: keys.length - 1,
      accounts: [keys.length - 2, keys.indexOf(TEST_MINT)],
    });
    json.meta.preBalances.push(0, 0);
    json.meta.postBalances.push(0, 0);
    expect(decode(json).creates).toMatchObject([{ mint: TEST_MINT, metadata: written }]);
  });

  const folder = findTestData();
  it.skipIf(folder === null)(
    `are found in recorded launches${folder === null ? " (skipped: no recorded data, see COMMCOIN_TEST_DATA)" : ""}`,
    () => {
      const names = [...readRecorded(folder ?? "")]
        .filter(({ file }) => file.startsWith("tx/"))
        .flatMap(({ json }) => {
          try {
            return decode(json).metadata;
          } catch {
            return [];
          }
        });
      process.stdout.write(`\n${names.map(({ name, symbol }) => `${symbol} (${name})`).join(", ")}\n`);
      expect(names.length).toBeGreaterThan(3);
      expect(names.every(({ name, symbol, uri }) => name !== "" && symbol !== "" && uri !== "")).toBe(true);
    },
  );
});
