import { addSignersToInstruction, address, generateKeyPairSigner } from "@solana/kit";
import {
  AuthorityType,
  getMintDecoder,
  getTokenDecoder,
  parseInitializeMintInstruction,
  parseMintToInstruction,
  parseSetAuthorityInstruction,
} from "@solana-program/token";
import { getTransferSolInstruction, parseCreateAccountInstruction } from "@solana-program/system";
import { AccountRole } from "@solana/kit";
import { describe, expect, it } from "vitest";
import {
  ASSOCIATED_TOKEN_PROGRAM_ADDRESS,
  COMMCOIN_PROGRAM_ADDRESS,
  SYSTEM_PROGRAM_ADDRESS,
  TOKEN_PROGRAM_ADDRESS,
} from "./addresses.ts";
import { COIN_SUPPLY, decodeBondingCurveState, initialBondingCurveState } from "./bonding-curve-state.ts";
import { type BuiltInstruction, createCoinInstruction } from "./instructions.ts";
import { findBondingCurve, findMintAuthority, findVault, findVaultTokenAccount } from "./pda.ts";
import {
  type ReadInstruction,
  createBench,
  innerOf,
  lamportChange,
  programLogs,
  tokenChange,
} from "../testing/commcoin-bench.ts";

/** In the form that the token and system programs' own parsers take. */
const parsable = (call: ReadInstruction | undefined) => ({
  programAddress: address(call?.program ?? ""),
  accounts: (call?.accounts ?? []).map((each) => ({
    address: address(each ?? ""),
    role: AccountRole.READONLY,
  })),
  data: call?.data ?? new Uint8Array(),
});

describe("create_coin", () => {
  it("calls what a coin is made of, in order", async () => {
    const { creator, createCoin } = await createBench();
    const { created, mint, curveTokens } = await createCoin();
    const calls = innerOf(created, 0);

    expect(created.meta.err).toBeNull();
    expect(calls.filter((call) => call.stackHeight === 2).map((call) => call.program)).toEqual([
      SYSTEM_PROGRAM_ADDRESS, // mint
      TOKEN_PROGRAM_ADDRESS,
      SYSTEM_PROGRAM_ADDRESS, // vault
      SYSTEM_PROGRAM_ADDRESS, // vault's tokens
      TOKEN_PROGRAM_ADDRESS,
      SYSTEM_PROGRAM_ADDRESS, // curve
      ASSOCIATED_TOKEN_PROGRAM_ADDRESS,
      TOKEN_PROGRAM_ADDRESS, // mintTo
      TOKEN_PROGRAM_ADDRESS, // setAuthority
    ]);
    const [createMint, initializeMint] = calls;
    expect(parseCreateAccountInstruction(parsable(createMint)).accounts).toMatchObject({
      payer: { address: creator.address },
      newAccount: { address: mint },
    });
    const mintAuthority = findMintAuthority(COMMCOIN_PROGRAM_ADDRESS).address;
    expect(parseInitializeMintInstruction(parsable(initializeMint)).data).toMatchObject({
      decimals: 6,
      mintAuthority,
      freezeAuthority: { __option: "None" },
    });
    const [mintTo, setAuthority] = calls.slice(-2);
    expect(parseMintToInstruction(parsable(mintTo))).toMatchObject({
      accounts: {
        mint: { address: mint },
        token: { address: curveTokens },
        mintAuthority: { address: mintAuthority },
      },
      data: { amount: COIN_SUPPLY },
    });
    expect(parseSetAuthorityInstruction(parsable(setAuthority)).data).toMatchObject({
      authorityType: AuthorityType.MintTokens,
      newAuthority: { __option: "None" },
    });
  });

  it("leaves a mint without authority, the supply with the curve, and the curve's state", async () => {
    const { engine, createCoin } = await createBench();
    const { created, mint, curve, curveTokens } = await createCoin();
    const programId = COMMCOIN_PROGRAM_ADDRESS;

    expect(getMintDecoder().decode(engine.account(mint)?.data ?? new Uint8Array())).toMatchObject({
      mintAuthority: { __option: "None" },
      freezeAuthority: { __option: "None" },
      supply: COIN_SUPPLY,
      decimals: 6,
    });
    expect(getTokenDecoder().decode(engine.account(curveTokens)?.data ?? new Uint8Array())).toMatchObject({
      mint,
      owner: curve,
      amount: COIN_SUPPLY,
    });
    const state = engine.account(curve);
    expect(state?.owner).toBe(programId);
    expect(state?.lamports).toBe(engine.rentExemptLamports(49));
    expect(decodeBondingCurveState(state?.data ?? new Uint8Array())).toEqual(
      initialBondingCurveState(findBondingCurve(mint, programId).bump),
    );
    expect(engine.account(findVault(mint, programId).address)?.owner).toBe(programId);
    const vaultTokens = engine.account(findVaultTokenAccount(mint, programId).address);
    expect(getTokenDecoder().decode(vaultTokens?.data ?? new Uint8Array())).toMatchObject({
      mint,
      owner: findVault(mint, programId).address,
      amount: 0n,
    });
    expect(tokenChange(created, curveTokens)).toBe(COIN_SUPPLY);
    expect(created.accounts.get(curve)?.data).toHaveLength(49);
  });

  it("logs what the program logs, and nothing for the token program", async () => {
    const { creator, createCoin } = await createBench();
    const { created, mint } = await createCoin();
    expect(programLogs(created)).toEqual([
      "Instruction: CreateCoin",
      "Create",
      "Initialize the associated token account",
      "Instruction: Create Token With Curve",
      `Signer: ${creator.address}`,
      `New Mint: ${mint}`,
    ]);
    expect(created.meta.logMessages?.[0]).toBe(`Program ${COMMCOIN_PROGRAM_ADDRESS} invoke [1]`);
    expect(created.meta.logMessages?.at(-1)).toBe(`Program ${COMMCOIN_PROGRAM_ADDRESS} success`);
  });

  it("works on a curve address that somebody has sent lamports to", async () => {
    const { engine, creator, send } = await createBench();
    const mint = await generateKeyPairSigner();
    const curve = findBondingCurve(mint.address, COMMCOIN_PROGRAM_ADDRESS).address;
    await send(creator, getTransferSolInstruction({ source: creator, destination: curve, amount: 900_000n }));
    const created = await send(
      creator,
      addSignersToInstruction([creator, mint], createCoinInstruction(creator.address, mint.address)),
    );
    expect(created.meta.err).toBeNull();
    expect(lamportChange(created, curve)).toBe(Number(engine.rentExemptLamports(49)) - 900_000);
    expect(decodeBondingCurveState(engine.account(curve)?.data ?? new Uint8Array())).not.toBeNull();
  });
});

describe("a create_coin that fails", () => {
  const attempt = async (change: (instruction: BuiltInstruction) => BuiltInstruction) => {
    const { creator, send } = await createBench();
    const mint = await generateKeyPairSigner();
    const instruction = change(createCoinInstruction(creator.address, mint.address));
    return { mint, executed: await send(creator, addSignersToInstruction([creator, mint], instruction)) };
  };
  const replaced = (index: number, key: string) => (instruction: BuiltInstruction) => ({
    ...instruction,
    accounts: instruction.accounts.map((meta, at) =>
      at === index ? { ...meta, address: address(key) } : meta,
    ),
  });

  it("is undone but for the fee when the mint exists already: the system program's own error", async () => {
    const { creator, createCoin, send, engine, nextSlot } = await createBench();
    const { instruction, mint } = await createCoin();
    nextSlot();
    const before = engine.account(creator.address)?.lamports ?? 0n;
    const again = await send(creator, instruction);
    // The mint holds lamports, so the program goes through allocate, which refuses.
    expect(again.meta.err).toEqual({ InstructionError: [0, { Custom: 0 }] });
    expect(again.meta.logMessages?.some((line) => line.includes("already in use"))).toBe(true);
    expect(again.meta.fee).toBe(10_000);
    expect(engine.account(creator.address)?.lamports).toBe(before - 10_000n);
    expect(getMintDecoder().decode(engine.account(mint)?.data ?? new Uint8Array()).supply).toBe(COIN_SUPPLY);
  });

  it.each([
    ["mint authority", 1, 2006],
    ["vault", 3, 2006],
    ["vault token account", 4, 2006],
    ["curve", 5, 2006],
    ["curve's tokens", 6, 2009],
    ["token program", 7, 3008],
    ["system program", 9, 3008],
    ["rent sysvar", 10, 3015],
  ])("refuses another %s", async (_, index, code) => {
    const { executed } = await attempt(replaced(index, "7Ny5TgfeCFgWoz9sUA6bX43XoFGw3kA6KZMEthRYEAnX"));
    expect(executed.meta.err).toEqual({ InstructionError: [0, { Custom: code }] });
    expect(executed.meta.logMessages?.at(-1)).toBe(
      `Program ${COMMCOIN_PROGRAM_ADDRESS} failed: custom program error: 0x${code.toString(16)}`,
    );
  });

  it("names the account and both addresses as Anchor does", async () => {
    const { executed, mint } = await attempt(replaced(5, "7Ny5TgfeCFgWoz9sUA6bX43XoFGw3kA6KZMEthRYEAnX"));
    expect(programLogs(executed)).toEqual([
      "Instruction: CreateCoin",
      "AnchorError caused by account: bonding_curve. Error Code: ConstraintSeeds. Error Number: 2006. Error Message: A seeds constraint was violated.",
      "Left:",
      "7Ny5TgfeCFgWoz9sUA6bX43XoFGw3kA6KZMEthRYEAnX",
      "Right:",
      findBondingCurve(mint.address, COMMCOIN_PROGRAM_ADDRESS).address,
    ]);
  });

  it("refuses too few accounts", async () => {
    const { executed } = await attempt((instruction) => ({
      ...instruction,
      accounts: instruction.accounts.slice(0, 5),
    }));
    expect(executed.meta.err).toEqual({ InstructionError: [0, { Custom: 3005 }] });
  });
});
