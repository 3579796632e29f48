import {
  type Address,
  type Instruction,
  type KeyPairSigner,
  addSignersToInstruction,
  generateKeyPairSigner,
} from "@solana/kit";
import { getCreateAssociatedTokenIdempotentInstruction } from "@solana-program/token";
import type { CompiledInstruction, ExecutedTransaction } from "../ledger/transaction.ts";
import { LAMPORTS_PER_SOL, startedEngine } from "./engine.ts";
import { signedTransaction } from "./transactions.ts";
import { fromBase58 } from "../wire/base58.ts";
import {
  type TradeArguments,
  buyInstruction,
  createCoinInstruction,
  sellInstruction,
} from "../commcoin/instructions.ts";
import { findAssociatedToken, findBondingCurve } from "../commcoin/pda.ts";
import { COMMCOIN_PROGRAM_ADDRESS } from "../commcoin/addresses.ts";
import { commCoinPrograms } from "../commcoin/programs.ts";

export const openTokenAccount = (payer: KeyPairSigner, mint: Address): Instruction =>
  getCreateAssociatedTokenIdempotentInstruction({
    payer,
    ata: findAssociatedToken(payer.address, mint).address,
    owner: payer.address,
    mint,
  });

/** An engine with the market's programs, a creator and a trader. */
export const createBench = async () => {
  const { engine, payer: creator, nextSlot } = await startedEngine({ programs: commCoinPrograms() });
  const trader = await generateKeyPairSigner();
  engine.airdrop(trader.address, 100n * LAMPORTS_PER_SOL);

  const send = async (payer: KeyPairSigner, ...instructions: Instruction[]): Promise<ExecutedTransaction> =>
    engine.execute(await signedTransaction({ payer, blockhash: engine.latestBlockhash(), instructions }));

  const createCoin = async () => {
    const mint = await generateKeyPairSigner();
    const instruction = addSignersToInstruction(
      [creator, mint],
      createCoinInstruction(creator.address, mint.address),
    );
    const created = await send(creator, instruction);
    const curve = findBondingCurve(mint.address, COMMCOIN_PROGRAM_ADDRESS).address;
    return {
      created,
      instruction,
      mint: mint.address,
      curve,
      curveTokens: findAssociatedToken(curve, mint.address).address,
      traderTokens: findAssociatedToken(trader.address, mint.address).address,
      buy: (trade: TradeArguments) =>
        addSignersToInstruction([trader], buyInstruction(trader.address, mint.address, trade)),
      sell: (trade: TradeArguments) =>
        addSignersToInstruction([trader], sellInstruction(trader.address, mint.address, trade)),
    };
  };

  return { engine, nextSlot, creator, trader, send, createCoin };
};

const keysOf = ({ transaction, meta }: ExecutedTransaction): string[] => [
  ...transaction.message.accountKeys,
  ...(meta.loadedAddresses?.writable ?? []),
  ...(meta.loadedAddresses?.readonly ?? []),
];

/** An inner instruction with its indexes resolved. */
export interface ReadInstruction {
  readonly program: string | undefined;
  readonly accounts: readonly (string | undefined)[];
  readonly data: Uint8Array;
  readonly stackHeight: number | null | undefined;
}

/** The calls that the top-level instruction at `index` made. */
export const innerOf = (executed: ExecutedTransaction, index: number): ReadInstruction[] => {
  const keys = keysOf(executed);
  const found = executed.meta.innerInstructions?.find((inner) => inner.index === index);
  return (found?.instructions ?? []).map((call: CompiledInstruction) => ({
    program: keys[call.programIdIndex],
    accounts: call.accounts.map((account) => keys[account]),
    data: fromBase58(call.data),
    stackHeight: call.stackHeight,
  }));
};

/** Change of an account's lamports. */
export const lamportChange = (executed: ExecutedTransaction, address: string): number => {
  const index = keysOf(executed).indexOf(address);
  return (executed.meta.postBalances[index] ?? Number.NaN) - (executed.meta.preBalances[index] ?? Number.NaN);
};

const tokensOf = (
  executed: ExecutedTransaction,
  address: string,
  side: "preTokenBalances" | "postTokenBalances",
): bigint => {
  const index = keysOf(executed).indexOf(address);
  const balance = executed.meta[side]?.find((each) => each.accountIndex === index);
  return BigInt(balance?.uiTokenAmount.amount ?? 0);
};

/** Change of a token account's base units; an account that is not listed has none. */
export const tokenChange = (executed: ExecutedTransaction, address: string): bigint =>
  tokensOf(executed, address, "postTokenBalances") - tokensOf(executed, address, "preTokenBalances");

/** What programs logged, without the runtime's lines. */
export const programLogs = ({ meta }: ExecutedTransaction): string[] =>
  (meta.logMessages ?? [])
    .filter((line) => line.startsWith("Program log: "))
    .map((line) => line.slice("Program log: ".length));
