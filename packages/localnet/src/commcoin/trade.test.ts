import { AccountRole, type Address, addSignersToInstruction, address } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { COMMCOIN_PROGRAM_ADDRESS, SYSTEM_PROGRAM_ADDRESS, TOKEN_PROGRAM_ADDRESS } from "./addresses.ts";
import { COIN_SUPPLY } from "./bonding-curve-state.ts";
import { type BuiltInstruction, buyInstruction, maintenanceInstruction } from "./instructions.ts";
import { ROUTER_PROGRAM_ADDRESS, routeInstruction } from "./router.ts";
import {
  createBench,
  innerOf,
  lamportChange,
  openTokenAccount,
  programLogs,
  tokenChange,
} from "../testing/commcoin-bench.ts";

const BUY = { amount: 5_000_000_000_000n, maxSolCost: 150_000_000n };
const SELL = { amount: 2_000_000_000_000n, maxSolCost: 60_000_000n };

const setup = async () => {
  const bench = await createBench();
  const coin = await bench.createCoin();
  await bench.send(bench.trader, openTokenAccount(bench.trader, coin.mint));
  return { ...bench, ...coin };
};

const u64 = (data: Uint8Array, offset: number): bigint =>
  new DataView(data.buffer, data.byteOffset).getBigUint64(offset, true);

describe("buy", () => {
  it("moves coins and the whole of max_sol_cost by calls", async () => {
    const { trader, send, buy, curve, curveTokens, traderTokens } = await setup();
    const bought = await send(trader, buy(BUY));
    const [tokens, sol, ...others] = innerOf(bought, 0);

    expect(bought.meta.err).toBeNull();
    expect(others).toEqual([]);
    expect(tokens).toMatchObject({
      program: TOKEN_PROGRAM_ADDRESS,
      accounts: [curveTokens, traderTokens, curve],
      stackHeight: 2,
    });
    expect(tokens?.data[0]).toBe(3);
    expect(u64(tokens?.data ?? new Uint8Array(9), 1)).toBe(BUY.amount);
    expect(sol).toMatchObject({
      program: SYSTEM_PROGRAM_ADDRESS,
      accounts: [trader.address, curve],
      stackHeight: 2,
    });
    expect(u64(sol?.data ?? new Uint8Array(12), 4)).toBe(BUY.maxSolCost);
    expect(lamportChange(bought, curve)).toBe(Number(BUY.maxSolCost));
    expect(lamportChange(bought, trader.address)).toBe(-Number(BUY.maxSolCost) - 5_000);
    expect(tokenChange(bought, curveTokens)).toBe(-BUY.amount);
    expect(tokenChange(bought, traderTokens)).toBe(BUY.amount);
    expect(programLogs(bought)).toEqual(["Instruction: Buy"]);
  });

  it("does not touch the curve's data", async () => {
    const { trader, send, buy, curve, engine } = await setup();
    const before = engine.account(curve)?.data;
    await send(trader, buy(BUY));
    expect(engine.account(curve)?.data).toEqual(before);
  });
});

describe("sell", () => {
  it("moves coins by a call and lamports without one", async () => {
    const { trader, send, buy, sell, curve, curveTokens, traderTokens } = await setup();
    await send(trader, buy(BUY));
    const sold = await send(trader, sell(SELL));
    const calls = innerOf(sold, 0);

    expect(sold.meta.err).toBeNull();
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({
      program: TOKEN_PROGRAM_ADDRESS,
      accounts: [traderTokens, curveTokens, trader.address],
    });
    expect(lamportChange(sold, curve)).toBe(-Number(SELL.maxSolCost));
    expect(lamportChange(sold, trader.address)).toBe(Number(SELL.maxSolCost) - 5_000);
    expect(tokenChange(sold, curveTokens)).toBe(SELL.amount);
    expect(programLogs(sold)).toEqual(["Instruction: Sell"]);
  });

  it("leaves the curve its rent and not a lamport less", async () => {
    const { trader, send, buy, sell, curve, engine } = await setup();
    await send(trader, buy(BUY));
    const tooMuch = await send(trader, sell({ amount: 1n, maxSolCost: BUY.maxSolCost + 1n }));
    expect(tooMuch.meta.err).toEqual({ InstructionError: [0, { Custom: 6000 }] });
    expect(tokenChange(tooMuch, curve)).toBe(0n);
    const all = await send(trader, sell({ amount: 1n, maxSolCost: BUY.maxSolCost }));
    expect(all.meta.err).toBeNull();
    expect(engine.account(curve)?.lamports).toBe(engine.rentExemptLamports(49));
  });
});

describe("a trade that fails", () => {
  it("bubbles the token program's error up when the seller owns too little, and undoes everything", async () => {
    const { trader, send, buy, sell, curve, traderTokens } = await setup();
    await send(trader, buy(BUY));
    const failed = await send(trader, sell({ amount: BUY.amount + 1n, maxSolCost: 1n }));
    expect(failed.meta.err).toEqual({ InstructionError: [0, { Custom: 1 }] });
    expect(failed.meta.logMessages?.slice(-3)).toEqual([
      expect.stringMatching(`^Program ${TOKEN_PROGRAM_ADDRESS} failed: custom program error: 0x1$`),
      expect.stringMatching(`^Program ${COMMCOIN_PROGRAM_ADDRESS} consumed `),
      `Program ${COMMCOIN_PROGRAM_ADDRESS} failed: custom program error: 0x1`,
    ]);
    expect(lamportChange(failed, curve)).toBe(0);
    expect(tokenChange(failed, traderTokens)).toBe(0n);
    expect(lamportChange(failed, trader.address)).toBe(-5_000);
  });

  it("bubbles the system program's error up when the buyer cannot pay, and takes the coins back", async () => {
    const { trader, send, buy, traderTokens, curveTokens } = await setup();
    const failed = await send(trader, buy({ amount: 1n, maxSolCost: 1_000_000_000_000n }));
    expect(failed.meta.err).toEqual({ InstructionError: [0, { Custom: 1 }] });
    expect(failed.meta.logMessages?.some((line) => line.startsWith("Transfer: insufficient lamports"))).toBe(
      true,
    );
    expect(tokenChange(failed, traderTokens)).toBe(0n);
    expect(tokenChange(failed, curveTokens)).toBe(0n);
  });

  it("refuses more than the curve has", async () => {
    const { trader, send, buy } = await setup();
    const failed = await send(trader, buy({ amount: COIN_SUPPLY + 1n, maxSolCost: 1n }));
    expect(failed.meta.err).toEqual({ InstructionError: [0, { Custom: 1 }] });
  });

  const OTHER = address("7Ny5TgfeCFgWoz9sUA6bX43XoFGw3kA6KZMEthRYEAnX");
  const replaced = (instruction: BuiltInstruction, index: number, key: Address): BuiltInstruction => ({
    ...instruction,
    accounts: instruction.accounts.map((meta, at) => (at === index ? { ...meta, address: key } : meta)),
  });

  it.each([
    ["mint", 1, 3012],
    ["curve", 2, 3012],
    ["curve's tokens", 3, 3012],
    ["user's tokens", 4, 3012],
    ["token program", 5, 3008],
    ["system program", 6, 3008],
    ["program", 7, 3008],
    ["rent sysvar", 8, 3015],
  ])("refuses another %s", async (_, index, code) => {
    const { trader, send, mint } = await setup();
    const instruction = replaced(buyInstruction(trader.address, mint, BUY), index, OTHER);
    const failed = await send(trader, addSignersToInstruction([trader], instruction));
    expect(failed.meta.err).toEqual({ InstructionError: [0, { Custom: code }] });
  });

  it("refuses the curve and the tokens of another coin", async () => {
    const { trader, send, mint, createCoin, curveTokens } = await setup();
    const other = await createCoin();
    const attempt = async (index: number, key: Address) =>
      (
        await send(
          trader,
          addSignersToInstruction([trader], replaced(buyInstruction(trader.address, mint, BUY), index, key)),
        )
      ).meta.err;
    expect(await attempt(2, other.curve)).toEqual({ InstructionError: [0, { Custom: 2006 }] });
    expect(await attempt(3, other.curveTokens)).toEqual({ InstructionError: [0, { Custom: 2015 }] });
    expect(await attempt(4, curveTokens)).toEqual({ InstructionError: [0, { Custom: 2015 }] });
    expect(await attempt(2, mint)).toEqual({ InstructionError: [0, { Custom: 3007 }] });
  });

  it("needs the user's signature", async () => {
    const { creator, trader, send, mint } = await setup();
    const unsigned = buyInstruction(trader.address, mint, BUY);
    const failed = await send(creator, {
      ...unsigned,
      accounts: unsigned.accounts.map((meta, index) =>
        index === 0 ? { ...meta, role: AccountRole.WRITABLE } : meta,
      ),
    });
    expect(failed.meta.err).toEqual({ InstructionError: [0, { Custom: 3010 }] });
    expect(programLogs(failed)[1]).toBe(
      "AnchorError caused by account: user. Error Code: AccountNotSigner. Error Number: 3010. Error Message: The given account did not sign.",
    );
  });

  it("refuses arguments that are cut short and discriminators that it does not know", async () => {
    const { trader, send, buy } = await setup();
    const instruction = buy(BUY);
    const short = await send(trader, {
      ...instruction,
      data: instruction.data?.slice(0, 20) ?? new Uint8Array(),
    });
    expect(short.meta.err).toEqual({ InstructionError: [0, { Custom: 102 }] });
    const unknown = await send(trader, { ...instruction, data: new Uint8Array(8) });
    expect(unknown.meta.err).toEqual({ InstructionError: [0, { Custom: 101 }] });
    expect(programLogs(unknown)).toEqual([
      "AnchorError occurred. Error Code: InstructionFallbackNotFound. Error Number: 101. Error Message: Fallback functions are not supported.",
    ]);
  });
});

describe("several instructions", () => {
  it("run in order, each with its own inner instructions", async () => {
    const { trader, send, buy, sell, curve, curveTokens } = await setup();
    const executed = await send(trader, buy(BUY), sell(SELL), buy(BUY));
    expect(executed.meta.err).toBeNull();
    expect([0, 1, 2].map((index) => innerOf(executed, index).length)).toEqual([2, 1, 2]);
    expect(programLogs(executed)).toEqual(["Instruction: Buy", "Instruction: Sell", "Instruction: Buy"]);
    expect(lamportChange(executed, curve)).toBe(Number(2n * BUY.maxSolCost - SELL.maxSolCost));
    expect(tokenChange(executed, curveTokens)).toBe(SELL.amount - 2n * BUY.amount);
  });

  it("are undone together when one fails", async () => {
    const { trader, send, buy, sell, curve } = await setup();
    const executed = await send(trader, buy(BUY), sell({ ...SELL, amount: COIN_SUPPLY }));
    expect(executed.meta.err).toEqual({ InstructionError: [1, { Custom: 1 }] });
    expect(lamportChange(executed, curve)).toBe(0);
  });
});

describe("the router", () => {
  it("trades by CPI: the CommCoin instruction is an inner one, its calls one deeper", async () => {
    const { trader, send, mint, curve } = await setup();
    const routed = await send(
      trader,
      addSignersToInstruction([trader], routeInstruction(buyInstruction(trader.address, mint, BUY))),
    );
    expect(routed.meta.err).toBeNull();
    const direct = buyInstruction(trader.address, mint, BUY);
    const [call, ...deeper] = innerOf(routed, 0);
    expect(call).toMatchObject({
      program: COMMCOIN_PROGRAM_ADDRESS,
      accounts: direct.accounts.map((meta) => meta.address),
      stackHeight: 2,
    });
    expect(Buffer.from(call?.data ?? []).equals(direct.data)).toBe(true);
    expect(deeper.map((each) => [each.program, each.stackHeight])).toEqual([
      [TOKEN_PROGRAM_ADDRESS, 3],
      [SYSTEM_PROGRAM_ADDRESS, 3],
    ]);
    expect(lamportChange(routed, curve)).toBe(Number(BUY.maxSolCost));
    expect(routed.meta.logMessages?.slice(0, 4)).toEqual([
      `Program ${ROUTER_PROGRAM_ADDRESS} invoke [1]`,
      "Program log: Instruction: Route",
      `Program ${COMMCOIN_PROGRAM_ADDRESS} invoke [2]`,
      "Program log: Instruction: Buy",
    ]);
  });

  it("fails with what the routed trade failed with", async () => {
    const { trader, send, mint } = await setup();
    const executed = await send(
      trader,
      addSignersToInstruction(
        [trader],
        routeInstruction(buyInstruction(trader.address, mint, { ...BUY, amount: COIN_SUPPLY + 1n })),
      ),
    );
    expect(executed.meta.err).toEqual({ InstructionError: [0, { Custom: 1 }] });
  });
});

describe("the other instructions", () => {
  it.each([
    ["configure", "Configure"],
    ["extend_account", "ExtendAccount"],
    ["alloc_account", "AllocAccount"],
    ["paint_account", "PaintAccount"],
    ["rope_account", "RopeAccount"],
  ] as const)("%s logs its name and moves nothing", async (name, logged) => {
    const { creator, send } = await createBench();
    const executed = await send(
      creator,
      addSignersToInstruction([creator], maintenanceInstruction(name, creator.address)),
    );
    expect(executed.meta.err).toBeNull();
    expect(programLogs(executed)).toEqual([`Instruction: ${logged}`]);
    expect(innerOf(executed, 0)).toEqual([]);
    expect(lamportChange(executed, creator.address)).toBe(-5_000);
  });
});
