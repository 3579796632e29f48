import { type Address, address, getAddressEncoder, getProgramDerivedAddress } from "@solana/kit";
import { findAssociatedTokenPda } from "@solana-program/token";
import { describe, expect, it } from "vitest";
import { COMMCOIN_PROGRAM_ADDRESS, METAPLEX_PROGRAM_ADDRESS, TOKEN_PROGRAM_ADDRESS } from "./addresses.ts";
import {
  decodeBondingCurveState,
  encodeBondingCurveState,
  initialBondingCurveState,
} from "./bonding-curve-state.ts";
import { INSTRUCTION_NAMES, identifyInstruction, instructionDiscriminator } from "./discriminators.ts";
import {
  buyInstruction,
  createCoinInstruction,
  decodeTrade,
  maintenanceInstruction,
  sellInstruction,
} from "./instructions.ts";
import {
  findAssociatedToken,
  findBondingCurve,
  findMetadata,
  findMintAuthority,
  findVault,
  findVaultTokenAccount,
  programAddressOf,
  bondingCurveSeeds,
} from "./pda.ts";

const MINT = address("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v");
const USER = address("7Ny5TgfeCFgWoz9sUA6bX43XoFGw3kA6KZMEthRYEAnX");
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytesOf = (key: Address) => getAddressEncoder().encode(key);
const pda = async (
  seeds: Parameters<typeof getProgramDerivedAddress>[0]["seeds"],
  programAddress: Address,
) => {
  const [derived] = await getProgramDerivedAddress({ programAddress, seeds });
  return derived;
};

describe("discriminators", () => {
  it("equal the published table", () => {
    expect(
      Object.fromEntries(INSTRUCTION_NAMES.map((name) => [name, hex(instructionDiscriminator(name))])),
    ).toEqual({
      create_coin: "d0552225ebb66f4e",
      buy: "66063d1201daebea",
      sell: "33e685a4017f83ad",
      configure: "f5076c755fc436d9",
      extend_account: "ea66c2cb96483ee5",
      alloc_account: "27648dcb34b895a6",
      paint_account: "524f44090649dd56",
      rope_account: "acd1c0eccc91a8c6",
    });
  });

  it("identify an instruction by its first eight bytes only", () => {
    const data = new Uint8Array([...instructionDiscriminator("sell"), 1, 2, 3]);
    expect(identifyInstruction(data)).toBe("sell");
    expect(identifyInstruction(data.subarray(0, 7))).toBeUndefined();
    expect(identifyInstruction(new Uint8Array(8))).toBeUndefined();
  });
});

describe("program addresses", () => {
  it("are those that kit derives", async () => {
    expect(findMintAuthority(COMMCOIN_PROGRAM_ADDRESS).address).toBe(
      await pda(["commcoin_bonding_curve", "commcoin_random_minted"], COMMCOIN_PROGRAM_ADDRESS),
    );
    expect(findBondingCurve(MINT, COMMCOIN_PROGRAM_ADDRESS).address).toBe(
      await pda(["commcoin_bonding_curve", bytesOf(MINT)], COMMCOIN_PROGRAM_ADDRESS),
    );
    expect(findVault(MINT, COMMCOIN_PROGRAM_ADDRESS).address).toBe(
      await pda(["vault_config_v1", bytesOf(MINT)], COMMCOIN_PROGRAM_ADDRESS),
    );
    expect(findVaultTokenAccount(MINT, COMMCOIN_PROGRAM_ADDRESS).address).toBe(
      await pda(["vault_tokens_v1", bytesOf(MINT)], COMMCOIN_PROGRAM_ADDRESS),
    );
    expect(findMetadata(MINT).address).toBe(
      await pda(["metadata", bytesOf(METAPLEX_PROGRAM_ADDRESS), bytesOf(MINT)], METAPLEX_PROGRAM_ADDRESS),
    );
    const [associated] = await findAssociatedTokenPda({
      owner: USER,
      mint: MINT,
      tokenProgram: TOKEN_PROGRAM_ADDRESS,
    });
    expect(findAssociatedToken(USER, MINT).address).toBe(associated);
  });

  it("can be computed again from a stored bump", () => {
    const curve = findBondingCurve(MINT, COMMCOIN_PROGRAM_ADDRESS);
    expect(programAddressOf(bondingCurveSeeds(MINT), curve.bump, COMMCOIN_PROGRAM_ADDRESS)).toBe(
      curve.address,
    );
  });

  it("depend on the program", () => {
    expect(findBondingCurve(MINT, USER).address).not.toBe(
      findBondingCurve(MINT, COMMCOIN_PROGRAM_ADDRESS).address,
    );
  });
});

describe("BondingCurveState", () => {
  it("is 49 bytes: discriminator, five u64, bump", () => {
    const data = encodeBondingCurveState(initialBondingCurveState(254));
    const view = new DataView(data.buffer);
    expect(data).toHaveLength(49);
    expect(hex(data.subarray(0, 8))).toBe("b6b94bc148288499");
    expect([8, 16, 24, 32, 40].map((offset) => view.getBigUint64(offset, true))).toEqual([
      29_916_123_000n,
      1_000_000_000_000_000n,
      0n,
      1_000_000_000_000_000n,
      1_000_000_000_000_000n,
    ]);
    expect(data[48]).toBe(254);
    expect(decodeBondingCurveState(data)).toEqual(initialBondingCurveState(254));
  });

  it("is not read from another account", () => {
    expect(decodeBondingCurveState(new Uint8Array(49))).toBeNull();
    expect(decodeBondingCurveState(new Uint8Array(50))).toBeNull();
  });
});

describe("instructions", () => {
  it("create_coin names eleven accounts and has no arguments", () => {
    const { accounts, data } = createCoinInstruction(USER, MINT);
    const curve = findBondingCurve(MINT, COMMCOIN_PROGRAM_ADDRESS).address;
    expect(hex(data)).toBe("d0552225ebb66f4e");
    expect(accounts.map((account) => account.address)).toEqual([
      USER,
      findMintAuthority(COMMCOIN_PROGRAM_ADDRESS).address,
      MINT,
      findVault(MINT, COMMCOIN_PROGRAM_ADDRESS).address,
      findVaultTokenAccount(MINT, COMMCOIN_PROGRAM_ADDRESS).address,
      curve,
      findAssociatedToken(curve, MINT).address,
      TOKEN_PROGRAM_ADDRESS,
      "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL",
      "11111111111111111111111111111111",
      "SysvarRent111111111111111111111111111111111",
    ]);
  });

  it("buy and sell share accounts and arguments", () => {
    const trade = { amount: 0x0102030405060708n, maxSolCost: 5n };
    const curve = findBondingCurve(MINT, COMMCOIN_PROGRAM_ADDRESS).address;
    const bought = buyInstruction(USER, MINT, trade);
    const sold = sellInstruction(USER, MINT, trade);
    expect(hex(bought.data)).toBe("66063d1201daebea08070605040302010500000000000000");
    expect(hex(sold.data)).toBe("33e685a4017f83ad08070605040302010500000000000000");
    expect(decodeTrade(bought.data)).toEqual(trade);
    expect(sold.accounts).toEqual(bought.accounts);
    expect(bought.accounts.map((account) => account.address)).toEqual([
      USER,
      MINT,
      curve,
      findAssociatedToken(curve, MINT).address,
      findAssociatedToken(USER, MINT).address,
      TOKEN_PROGRAM_ADDRESS,
      "11111111111111111111111111111111",
      COMMCOIN_PROGRAM_ADDRESS,
      "SysvarRent111111111111111111111111111111111",
    ]);
  });

  it("passes a configuration on behind the discriminator", () => {
    const { data } = maintenanceInstruction("configure", USER, [], Uint8Array.of(9, 8));
    expect(hex(data)).toBe("f5076c755fc436d90908");
  });
});
