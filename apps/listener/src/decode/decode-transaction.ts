import { formatSol, formatUnits } from "./decimal.ts";
import { attributeTrades, coinPrice } from "./coin-trades.ts";
import type {
  CoinCreation,
  CoinTrade,
  DecodedTransaction,
  TokenChange,
  TokenMetadata,
} from "./decoded-transaction.ts";
import { walkInstructions } from "./execution-order.ts";
import { InstructionCursor } from "./instruction-cursor.ts";
import { InstructionList } from "./instruction-list.ts";
import { KnownMints } from "./known-mints.ts";
import { findNamesWritten } from "./names-written.ts";
import {
  ASSOCIATED_TOKEN_PROGRAM,
  METAPLEX_METADATA_PROGRAM,
  SYSTEM_PROGRAM,
  TOKEN_2022_PROGRAM,
  TOKEN_PROGRAM,
} from "./programs/addresses.ts";
import { decodeAssociatedTokenInstruction } from "./programs/associated-token.ts";
import {
  COIN_DECIMALS,
  COIN_SUPPLY,
  decodeCommcoinInstruction,
  INITIAL_VIRTUAL_SOL,
} from "./programs/commcoin.ts";
import { decodeMetaplexInstruction } from "./programs/metaplex.ts";
import { decodeSystemInstruction } from "./programs/system.ts";
import { decodeTokenInstruction } from "./programs/token.ts";
import { readTransaction, type BlockPlace } from "./read-transaction.ts";
import { summarize } from "./summary.ts";
import { findTokenChanges } from "./token-changes.ts";

/**
 * Decodes a `getTransaction` result, or an element of a `getBlock` result's `transactions` with the place of that
 * block, as `JSON.parse` made it. Encodings `json` (any version) and `base64` (legacy and version 0).
 * @throws DecodeError, and nothing else, when the value is not such a transaction. What a transaction itself does
 * never makes it throw: an instruction that cannot be read becomes one of kind `unknown`.
 */
export type DecodeTransaction = (json: unknown, place?: BlockPlace) => DecodedTransaction;

const INITIAL_PRICE = coinPrice(INITIAL_VIRTUAL_SOL, COIN_SUPPLY);
const UNKNOWN_HEIGHT_COMMCOIN = 2;
const UNKNOWN_HEIGHT_OTHER = 3;

/** @param options.commcoinProgramId address of the CommCoin program. */
export function createTransactionDecoder({
  commcoinProgramId,
}: {
  readonly commcoinProgramId: string;
}): DecodeTransaction {
  const cursor = new InstructionCursor();
  const mints = new KnownMints();
  return (json, place) => {
    const raw = readTransaction(json, place);
    const { accounts, signature, slot, blockTime, error } = raw;
    const list = new InstructionList();
    const programs: string[] = [];
    mints.load(raw);
    walkInstructions(raw, (instruction, stackHeight) => {
      const program = accounts[instruction.programIndex] ?? "";
      if (!programs.includes(program)) programs.push(program);
      const isCommcoin = program === commcoinProgramId;
      // Without heights, whatever follows an inner CommCoin instruction up to the next is taken as called by it.
      const height = stackHeight ?? (isCommcoin ? UNKNOWN_HEIGHT_COMMCOIN : UNKNOWN_HEIGHT_OTHER);
      list.enter(height);
      if (isCommcoin) {
        cursor.load(instruction, accounts);
        const { instruction: decoded, trade } = decodeCommcoinInstruction(cursor, program);
        if (trade === null) list.add(decoded, null);
        else list.addTrade(trade, height);
        return;
      }
      switch (program) {
        case TOKEN_PROGRAM:
        case TOKEN_2022_PROGRAM:
          cursor.load(instruction, accounts);
          return decodeTokenInstruction(cursor, program, mints, list);
        case SYSTEM_PROGRAM:
          cursor.load(instruction, accounts);
          return decodeSystemInstruction(cursor, program, list);
        case ASSOCIATED_TOKEN_PROGRAM:
          cursor.load(instruction, accounts);
          return decodeAssociatedTokenInstruction(cursor, program, mints, list);
        case METAPLEX_METADATA_PROGRAM:
          cursor.load(instruction, accounts);
          return decodeMetaplexInstruction(cursor, program, list);
        default:
      }
    });
    const { instructions } = list;
    const failed = error !== null;
    const trades = failed || list.trades.length === 0 ? [] : attributeTrades(list, raw);
    reportTrades(list, trades);
    const metadata = failed ? [] : findNamesWritten(instructions);
    const tokenChanges = findTokenChanges(raw);
    return {
      signature,
      slot,
      blockTime,
      feePayer: accounts[0] ?? "",
      feeLamports: BigInt(raw.fee),
      error,
      accounts,
      programs,
      instructions,
      summary: summarize(instructions, programs, commcoinProgramId),
      creates: failed ? [] : findCreations(list, commcoinProgramId, metadata),
      trades,
      mints: findMints(list, tokenChanges),
      tokenChanges,
      metadata,
    };
  };
}

/** Puts what a trade moved beside what it asked for. */
function reportTrades({ instructions }: InstructionList, trades: readonly CoinTrade[]): void {
  for (const { n, tokenAmount, solLamports, price } of trades) {
    const instruction = instructions[n];
    if (instruction === undefined) continue;
    instruction["token_amount"] = formatUnits(tokenAmount, COIN_DECIMALS);
    instruction["sol_amount"] = formatSol(solLamports);
    if (price !== null) instruction["price"] = price;
  }
}

function findCreations(
  { instructions }: InstructionList,
  commcoinProgramId: string,
  metadata: readonly TokenMetadata[],
): readonly CoinCreation[] {
  const creations: CoinCreation[] = [];
  instructions.forEach(({ program_id: program, kind, mint, creator, bonding_curve: bondingCurve }, n) => {
    if (kind !== "create_coin" || program !== commcoinProgramId) return;
    if (typeof mint !== "string" || typeof creator !== "string" || typeof bondingCurve !== "string") return;
    creations.push({
      n,
      mint,
      creator,
      bondingCurve,
      decimals: COIN_DECIMALS,
      supply: COIN_SUPPLY,
      initialPrice: INITIAL_PRICE,
      metadata: metadata.findLast((written) => written.mint === mint) ?? null,
    });
  });
  return creations;
}

function findMints({ instructions }: InstructionList, changes: readonly TokenChange[]): readonly string[] {
  const mints = new Set<string>();
  for (const { mint } of instructions) if (typeof mint === "string") mints.add(mint);
  for (const { mint } of changes) mints.add(mint);
  return [...mints];
}
