import { getTransferSolInstruction, SYSTEM_PROGRAM_ADDRESS } from "@solana-program/system";
import { AccountRole, type Address, address, generateKeyPairSigner, type Instruction } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { LAMPORTS_PER_SOL, startedEngine } from "../testing/engine.ts";
import { signedTransaction } from "../testing/transactions.ts";
import type { EmulatedProgram, ProgramInstruction } from "./emulated-program.ts";

const PAYOUT: Address = address("6YuHH4kveCrEeEtVKM2nh18zU4XWFpEWqV8f5GbhdnzX");
const CALLER: Address = address("CoinRouterLocaLnet1111111111111111111111111");

/** Transfers one SOL from its first account to its second by a call, then does what its data says. */
const payout: EmulatedProgram = (context) => {
  const [from, to] = context.accounts;
  if (!from || !to) throw new Error("The test names two accounts");
  context.log("paying");
  context.consume(500);
  const data = Buffer.alloc(12);
  data.writeUInt32LE(2);
  data.writeBigUInt64LE(LAMPORTS_PER_SOL, 4);
  context.invoke({ programId: SYSTEM_PROGRAM_ADDRESS, accounts: [from, to], data });
  const account = context.account(to.address);
  if (context.data[0] === 1) context.fail(6_001);
  if (context.data[0] === 2 && account) {
    context.setAccount(to.address, { ...account, lamports: account.lamports + 1n });
  }
  if (context.data[0] === 3 && account) {
    context.setAccount(to.address, { ...account, lamports: account.lamports - 1n });
  }
};

const caller: EmulatedProgram = (context) => {
  const called: ProgramInstruction = {
    programId: PAYOUT,
    accounts: context.accounts.slice(0, 2),
    data: context.data,
  };
  context.invoke(called);
};

const setup = async () => {
  const { engine, payer } = await startedEngine({
    programs: new Map([
      [PAYOUT, payout],
      [CALLER, caller],
    ]),
  });
  const recipient = (await generateKeyPairSigner()).address;
  engine.airdrop(recipient, LAMPORTS_PER_SOL);
  const instruction = (programAddress: Address, data: number): Instruction => ({
    programAddress,
    accounts: [
      { address: payer.address, role: AccountRole.WRITABLE_SIGNER },
      { address: recipient, role: AccountRole.WRITABLE },
      { address: SYSTEM_PROGRAM_ADDRESS, role: AccountRole.READONLY },
      { address: PAYOUT, role: AccountRole.READONLY },
    ],
    data: Uint8Array.of(data),
  });
  const send = async (...instructions: Instruction[]) =>
    engine.execute(await signedTransaction({ payer, blockhash: engine.latestBlockhash(), instructions }));
  const lamports = (of: string) => engine.account(of)?.lamports ?? 0n;
  return { engine, payer, recipient, instruction, send, lamports };
};

describe("emulated programs", () => {
  it("call native programs for real, beside native instructions", async () => {
    const { payer, recipient, instruction, send, lamports } = await setup();
    const { meta, transaction } = await send(
      getTransferSolInstruction({ source: payer, destination: recipient, amount: 7n }),
      instruction(PAYOUT, 0),
    );
    expect(meta.err).toBeNull();
    expect(meta.logMessages).toEqual([
      "Program 11111111111111111111111111111111 invoke [1]",
      "Program 11111111111111111111111111111111 success",
      `Program ${PAYOUT} invoke [1]`,
      "Program log: paying",
      "Program 11111111111111111111111111111111 invoke [2]",
      "Program 11111111111111111111111111111111 success",
      expect.stringMatching(`^Program ${PAYOUT} consumed \\d+ of 202850 compute units$`),
      `Program ${PAYOUT} success`,
    ]);
    const keys = transaction.message.accountKeys;
    expect(meta.innerInstructions).toEqual([
      {
        index: 1,
        instructions: [
          {
            programIdIndex: keys.indexOf(SYSTEM_PROGRAM_ADDRESS),
            accounts: [0, keys.indexOf(recipient)],
            data: "3Bxs3zzLZLuLQEYX",
            stackHeight: 2,
          },
        ],
      },
    ]);
    expect(lamports(recipient)).toBe(2n * LAMPORTS_PER_SOL + 7n);
    expect((meta.preBalances[0] ?? 0) - (meta.postBalances[0] ?? 0)).toBe(1_000_000_007 + 5_000);
  });

  it("call each other", async () => {
    const { instruction, send } = await setup();
    const { meta, transaction } = await send(instruction(CALLER, 0));
    const keys = transaction.message.accountKeys;
    expect(meta.err).toBeNull();
    expect(
      meta.innerInstructions?.[0]?.instructions.map((call) => [keys[call.programIdIndex], call.stackHeight]),
    ).toEqual([
      [PAYOUT, 2],
      [SYSTEM_PROGRAM_ADDRESS, 3],
    ]);
    expect(meta.logMessages?.[3]).toBe("Program 11111111111111111111111111111111 invoke [3]");
  });

  it("undo the whole transaction when they fail, but for its fee", async () => {
    const { payer, recipient, instruction, send, lamports } = await setup();
    const before = lamports(payer.address);
    const { meta } = await send(
      getTransferSolInstruction({ source: payer, destination: recipient, amount: 7n }),
      instruction(CALLER, 1),
    );
    expect(meta.err).toEqual({ InstructionError: [1, { Custom: 6_001 }] });
    expect(meta.logMessages?.slice(-3)).toEqual([
      `Program ${PAYOUT} failed: custom program error: 0x1771`,
      expect.stringMatching(`^Program ${CALLER} consumed`),
      `Program ${CALLER} failed: custom program error: 0x1771`,
    ]);
    expect(lamports(recipient)).toBe(LAMPORTS_PER_SOL);
    expect(lamports(payer.address)).toBe(before - 5_000n);
  });

  it.each([
    [2, "UnbalancedInstruction"],
    [3, "ExternalAccountLamportSpend"],
  ])("are held to the runtime's rules (%i)", async (data, error) => {
    const { instruction, send, lamports, recipient } = await setup();
    const { meta } = await send(instruction(PAYOUT, data));
    expect(meta.err).toEqual({ InstructionError: [0, error] });
    expect(lamports(recipient)).toBe(LAMPORTS_PER_SOL);
  });

  it("pass on what a called program fails with", async () => {
    const { engine, payer, recipient, instruction } = await setup();
    const poor = await generateKeyPairSigner();
    engine.airdrop(poor.address, LAMPORTS_PER_SOL / 2n);
    const [, ...others] = instruction(PAYOUT, 0).accounts ?? [];
    const { meta } = engine.execute(
      await signedTransaction({
        payer: poor,
        blockhash: engine.latestBlockhash(),
        instructions: [
          {
            ...instruction(PAYOUT, 0),
            accounts: [{ address: poor.address, role: AccountRole.WRITABLE_SIGNER }, ...others],
          },
        ],
      }),
    );
    expect(meta.err).toEqual({ InstructionError: [0, { Custom: 1 }] });
    expect(engine.account(recipient)?.lamports).toBe(LAMPORTS_PER_SOL);
    expect(engine.account(payer.address)).not.toBeNull();
  });
});
