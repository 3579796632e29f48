import {
  getCreateAccountInstruction,
  getTransferSolInstruction,
  SYSTEM_PROGRAM_ADDRESS,
} from "@solana-program/system";
import * as token from "@solana-program/token";
import * as token2022 from "@solana-program/token-2022";
import { AccountRole, type Address, address, generateKeyPairSigner, type Instruction } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { LAMPORTS_PER_SOL, startedEngine } from "../testing/engine.ts";
import { signedTransaction } from "../testing/transactions.ts";
import { fromBase58 } from "../wire/base58.ts";
import { decodeTransaction } from "../wire/transaction.ts";
import { TransactionRejected } from "./engine.ts";

const MINT_BYTES = 82;

const setup = async () => {
  const { engine, payer, nextSlot } = await startedEngine();
  const send = async (...instructions: Instruction[]) =>
    engine.execute(await signedTransaction({ payer, blockhash: engine.latestBlockhash(), instructions }));
  const createMint = async (program: Address, decimals = 6) => {
    const mint = await generateKeyPairSigner();
    await send(
      getCreateAccountInstruction({
        payer,
        newAccount: mint,
        lamports: engine.rentExemptLamports(MINT_BYTES),
        space: MINT_BYTES,
        programAddress: program,
      }),
      token.getInitializeMint2Instruction(
        { mint: mint.address, decimals, mintAuthority: payer.address },
        { programAddress: program },
      ),
    );
    return mint.address;
  };
  return { engine, payer, nextSlot, send, createMint };
};

const rejection = (act: () => unknown): unknown => {
  try {
    act();
  } catch (error) {
    if (error instanceof TransactionRejected) return error.error;
    throw error;
  }
  throw new Error("was not rejected");
};

describe("executing", () => {
  it.each([
    ["SPL Token", token.TOKEN_PROGRAM_ADDRESS],
    ["Token-2022", token2022.TOKEN_2022_PROGRAM_ADDRESS],
  ])("reports %s instructions with inner instructions, logs and balances", async (_, program) => {
    const { payer, send, createMint, engine } = await setup();
    const mint = await createMint(program);
    const [ata] = await token.findAssociatedTokenPda({ mint, owner: payer.address, tokenProgram: program });
    const executed = await send(
      await token.getCreateAssociatedTokenInstructionAsync({
        payer,
        mint,
        owner: payer.address,
        tokenProgram: program,
      }),
      token.getMintToInstruction(
        { mint, token: ata, mintAuthority: payer, amount: 1_234_500n },
        { programAddress: program },
      ),
    );

    const { meta, transaction } = executed;
    const keys = transaction.message.accountKeys;
    expect(meta).toMatchObject({ err: null, status: { Ok: null }, fee: 5_000 });
    expect(meta.logMessages?.[0]).toBe("Program ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL invoke [1]");
    expect(meta.innerInstructions).toHaveLength(1);
    const inner = meta.innerInstructions?.[0];
    expect(inner?.index).toBe(0);
    expect(inner?.instructions.map((call) => keys[call.programIdIndex])).toEqual([
      program,
      SYSTEM_PROGRAM_ADDRESS,
      program,
      program,
    ]);
    expect(inner?.instructions.map((call) => call.stackHeight)).toEqual([2, 2, 2, 2]);
    expect(meta.preTokenBalances).toEqual([]);
    expect(meta.postTokenBalances).toEqual([
      {
        accountIndex: keys.indexOf(ata),
        mint,
        owner: payer.address,
        programId: program,
        uiTokenAmount: {
          amount: "1234500",
          decimals: 6,
          uiAmount: 1.2345,
          uiAmountString: "1.2345",
        },
      },
    ]);
    const sum = (balances: readonly number[]) => balances.reduce((total, lamports) => total + lamports, 0);
    expect(sum(meta.preBalances) - meta.fee).toBe(sum(meta.postBalances));
    expect([...executed.accounts.keys()].sort()).toEqual([payer.address, mint, ata].sort());
    expect(executed.accounts.get(ata)).toEqual(engine.account(ata));
    expect(executed.accountsBefore?.get(ata)).toBeNull();
  });

  it("charges a failing transaction its fee, and reports the error as agave spells it", async () => {
    const { payer, send, createMint, engine } = await setup();
    const mint = await createMint(token.TOKEN_PROGRAM_ADDRESS);
    const [ata] = await token.findAssociatedTokenPda({
      mint,
      owner: payer.address,
      tokenProgram: token.TOKEN_PROGRAM_ADDRESS,
    });
    await send(await token.getCreateAssociatedTokenInstructionAsync({ payer, mint, owner: payer.address }));
    const before = engine.account(payer.address)?.lamports ?? 0n;
    const { meta } = await send(
      getTransferSolInstruction({ source: payer, destination: mint, amount: 1n }),
      token.getTransferInstruction({ source: ata, destination: ata, authority: payer, amount: 5n }),
    );

    const err = { InstructionError: [1, { Custom: 1 }] };
    expect(meta).toMatchObject({ err, status: { Err: err }, fee: 5_000 });
    expect(meta.logMessages?.at(-1)).toBe(
      "Program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA failed: custom program error: 0x1",
    );
    expect(meta.preTokenBalances).toEqual(meta.postTokenBalances);
    expect(meta.postTokenBalances?.[0]?.uiTokenAmount).toEqual({
      amount: "0",
      decimals: 6,
      uiAmount: null,
      uiAmountString: "0",
    });
    expect(engine.account(payer.address)?.lamports).toBe(before - 5_000n);
  });

  it("spells an instruction error without a code by its name", async () => {
    const { payer, send } = await setup();
    const { meta } = await send({
      programAddress: SYSTEM_PROGRAM_ADDRESS,
      accounts: [{ address: payer.address, role: AccountRole.WRITABLE_SIGNER }],
      data: new Uint8Array([255, 0, 0, 0]),
    });
    expect(meta.err).toEqual({ InstructionError: [0, "InvalidInstructionData"] });
  });

  it("charges a priority fee", async () => {
    const { payer, send } = await setup();
    const price = Buffer.alloc(9, 3);
    price.writeBigUInt64LE(1_000_000n, 1);
    const { meta } = await send(
      { programAddress: address("ComputeBudget111111111111111111111111111111"), data: price },
      getTransferSolInstruction({ source: payer, destination: payer.address, amount: 1n }),
    );
    expect(meta.fee).toBe(5_000 + 6_000);
    expect((meta.preBalances[0] ?? 0) - (meta.postBalances[0] ?? 0)).toBe(meta.fee);
  });

  it("loads addresses of a version 0 transaction from a lookup table", async () => {
    const { engine, payer, nextSlot } = await setup();
    const recipient = (await generateKeyPairSigner()).address;
    engine.airdrop(recipient, LAMPORTS_PER_SOL);
    const table = (await generateKeyPairSigner()).address;
    const data = Buffer.alloc(56 + 32);
    data.writeUInt32LE(1, 0);
    data.writeBigUInt64LE(2n ** 64n - 1n, 4);
    data.set(fromBase58(recipient), 56);
    engine.setAccount(table, {
      lamports: engine.rentExemptLamports(data.length),
      owner: "AddressLookupTab1e1111111111111111111111111",
      data,
      executable: false,
      rentEpoch: 0n,
    });
    nextSlot();
    const executed = engine.execute(
      await signedTransaction({
        payer,
        blockhash: engine.latestBlockhash(),
        instructions: [
          getTransferSolInstruction({ source: payer, destination: recipient, amount: LAMPORTS_PER_SOL }),
        ],
        lookupTables: { [table]: [recipient] },
      }),
    );

    expect(executed.version).toBe(0);
    expect(executed.meta.err).toBeNull();
    expect(executed.transaction.message.accountKeys).not.toContain(recipient);
    expect(executed.transaction.message.addressTableLookups).toEqual([
      { accountKey: table, writableIndexes: [0], readonlyIndexes: [] },
    ]);
    expect(executed.meta.loadedAddresses).toEqual({ writable: [recipient], readonly: [] });
    expect(executed.meta.postBalances.at(-1)).toBe(Number(2n * LAMPORTS_PER_SOL));
  });
});

describe("refusing", () => {
  const transfer = async () => {
    const { engine, payer, nextSlot } = await setup();
    const wire = await signedTransaction({
      payer,
      blockhash: engine.latestBlockhash(),
      instructions: [getTransferSolInstruction({ source: payer, destination: payer.address, amount: 1n })],
    });
    return { engine, payer, nextSlot, wire };
  };

  it("refuses what was processed already", async () => {
    const { engine, wire } = await transfer();
    engine.execute(wire);
    expect(rejection(() => engine.execute(wire))).toBe("AlreadyProcessed");
  });

  it("accepts a blockhash for 150 blocks and refuses it afterwards", async () => {
    const { engine, wire, nextSlot } = await transfer();
    for (let slot = 0; slot < 150; slot += 1) nextSlot();
    expect(engine.simulate(wire).meta.err).toBeNull();
    nextSlot();
    expect(rejection(() => engine.execute(wire))).toBe("BlockhashNotFound");
  });

  it("refuses a changed transaction by its signature", async () => {
    const { engine, wire } = await transfer();
    const changed = Uint8Array.from(wire);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(rejection(() => engine.execute(changed))).toBe("SignatureFailure");
  });

  it("refuses a payer without lamports, and bytes that are no transaction", async () => {
    const { engine } = await transfer();
    const pauper = await generateKeyPairSigner();
    const wire = await signedTransaction({
      payer: pauper,
      blockhash: engine.latestBlockhash(),
      instructions: [getTransferSolInstruction({ source: pauper, destination: pauper.address, amount: 1n })],
    });
    expect(rejection(() => engine.execute(wire))).toBe("AccountNotFound");
    expect(rejection(() => engine.execute(wire.subarray(0, 90)))).toBe("SanitizeFailure");
  });

  it("simulates without a trace", async () => {
    const { engine, payer, wire } = await transfer();
    const before = engine.account(payer.address);
    expect(engine.simulate(wire).meta.err).toBeNull();
    expect(engine.account(payer.address)).toEqual(before);
    expect(engine.execute(wire).signature).toBe(decodeTransaction(wire).transaction.signatures[0]);
  });
});
