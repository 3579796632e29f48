import { addSignersToInstruction, address } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { METAPLEX_PROGRAM_ADDRESS, SYSTEM_PROGRAM_ADDRESS } from "./addresses.ts";
import { createMetadataInstruction, encodeMetadataAccount } from "./metaplex-metadata.ts";
import { findMetadata } from "./pda.ts";
import { createBench, innerOf, lamportChange, programLogs } from "../testing/commcoin-bench.ts";

const METADATA = {
  name: "Golden Otter",
  symbol: "OTTER",
  uri: "https://coins.example/golden-otter.json",
  sellerFeeBasisPoints: 0,
  creators: null,
  isMutable: true,
};

const setup = async () => {
  const bench = await createBench();
  const coin = await bench.createCoin();
  const name = (metadata: typeof METADATA) =>
    bench.send(
      bench.creator,
      addSignersToInstruction(
        [bench.creator],
        createMetadataInstruction(coin.mint, bench.creator.address, metadata),
      ),
    );
  return { ...bench, ...coin, name };
};

describe("CreateMetadataAccountV3", () => {
  it("writes the account that Metaplex writes, by the calls that it makes", async () => {
    const { engine, creator, mint, name } = await setup();
    const named = await name(METADATA);
    const { address: metadata, bump } = findMetadata(mint);
    const account = engine.account(metadata);

    expect(named.meta.err).toBeNull();
    expect(account?.owner).toBe(METAPLEX_PROGRAM_ADDRESS);
    expect(
      Buffer.from(account?.data ?? []).equals(encodeMetadataAccount(mint, creator.address, METADATA, bump)),
    ).toBe(true);
    expect(lamportChange(named, metadata)).toBe(5_115_600 + 10_000_000);
    expect(innerOf(named, 0).map((call) => [call.program, call.data[0]])).toEqual([
      [SYSTEM_PROGRAM_ADDRESS, 2],
      [SYSTEM_PROGRAM_ADDRESS, 8],
      [SYSTEM_PROGRAM_ADDRESS, 1],
    ]);
    expect(programLogs(named)).toEqual([
      "IX: Create Metadata Accounts v3",
      "Allocate space for the account",
      "Assign the account to the owning program",
    ]);
  });

  it.each([
    ["a name", { name: "x".repeat(33) }, 11],
    ["a symbol", { symbol: "x".repeat(11) }, 12],
    ["a uri", { uri: "x".repeat(201) }, 13],
  ])("refuses %s that is too long", async (_, change, code) => {
    const { name } = await setup();
    expect((await name({ ...METADATA, ...change })).meta.err).toEqual({
      InstructionError: [0, { Custom: code }],
    });
  });

  it("refuses a second time, another account, and a mint that is none", async () => {
    const { creator, mint, name, send } = await setup();
    await name(METADATA);
    expect((await name({ ...METADATA, name: "Other" })).meta.err).toEqual({
      InstructionError: [0, { Custom: 3 }],
    });

    const sendChanged = async (index: number, key: string) => {
      const instruction = createMetadataInstruction(mint, creator.address, METADATA);
      const accounts = instruction.accounts.map((meta, at) =>
        at === index ? { ...meta, address: address(key) } : meta,
      );
      return (await send(creator, addSignersToInstruction([creator], { ...instruction, accounts }))).meta.err;
    };
    expect(await sendChanged(0, "7Ny5TgfeCFgWoz9sUA6bX43XoFGw3kA6KZMEthRYEAnX")).toEqual({
      InstructionError: [0, { Custom: 5 }],
    });
    expect(await sendChanged(1, "7Ny5TgfeCFgWoz9sUA6bX43XoFGw3kA6KZMEthRYEAnX")).toEqual({
      InstructionError: [0, { Custom: 5 }],
    });
  });

  it("refuses other instructions", async () => {
    const { creator, mint, send } = await setup();
    const instruction = createMetadataInstruction(mint, creator.address, METADATA);
    const executed = await send(
      creator,
      addSignersToInstruction([creator], { ...instruction, data: Uint8Array.of(15) }),
    );
    expect(executed.meta.err).toEqual({ InstructionError: [0, { Custom: 0 }] });
  });
});
