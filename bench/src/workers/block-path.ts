import { createMemoryBroker, createRedisBroker, type Broker } from "@commcoin/broker";
import { createInterpreter, createMarket, createTransactionDecoder } from "@commcoin/listener/parts";
import { silentLogger } from "@commcoin/service/telemetry";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { serve } from "@commcoin/harness";

const COMMCOIN = "6YuHH4kveCrEeEtVKM2nh18zU4XWFpEWqV8f5GbhdnzX";
const TOKEN_PROGRAM = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
const VOTE_PROGRAM = "Vote111111111111111111111111111111111111111";
/** Messages in one call of `publish`, as the listener's publisher has them. */
const BATCH = 256;

interface Block {
  readonly parentSlot: number;
  readonly blockTime: number | null;
  readonly transactions: readonly unknown[];
}

export interface PathResult {
  /** Without votes, which are nobody's business and not published. */
  readonly transactions: number;
  readonly votes: number;
  readonly messages: number;
  readonly cpuMicros: number;
  readonly elapsedMs: number;
}

let text = "";
let broker: Broker | null = null;
const decode = createTransactionDecoder({ commcoinProgramId: COMMCOIN });
let round = 0;

const commands = {
  /** @param redisUrl null for the memory broker. */
  async start(blockFile: string, redisUrl: string | null): Promise<void> {
    text = gunzipSync(readFileSync(blockFile)).toString("utf8");
    broker =
      redisUrl === null ? createMemoryBroker() : createRedisBroker({ url: redisUrl, logger: silentLogger });
    await broker.start();
  },

  /** Takes the block from its text to what is acknowledged by the broker. */
  async run(): Promise<PathResult> {
    if (broker === null) throw new Error("The path was not started.");
    const interpret = createInterpreter({
      market: createMarket(),
      audience: {
        commcoinProgramId: COMMCOIN,
        watchedPrograms: new Set([TOKEN_PROGRAM]),
        watchedAccounts: new Set(),
      },
      onCreated: () => {},
      now: () => Math.floor(Date.now() / 1_000),
    });
    round += 1;
    const before = process.cpuUsage();
    const startedAt = performance.now();
    const block = JSON.parse(text) as Block;
    const place = { slot: block.parentSlot + 1, blockTime: block.blockTime };
    let transactions = 0;
    let votes = 0;
    const messages = [];
    for (const [index, json] of block.transactions.entries()) {
      const transaction = decode(json, place);
      if (transaction.programs.includes(VOTE_PROGRAM)) {
        votes += 1;
        continue;
      }
      transactions += 1;
      // The same block again and again: an id of its own for every round, or nothing would be stored.
      for (const message of interpret(transaction, new Map(), "backfill", index)) {
        messages.push({ ...message, id: `${message.id}:${round}` });
      }
    }
    for (let start = 0; start < messages.length; start += BATCH) {
      await broker.publish(messages.slice(start, start + BATCH));
    }
    const { user, system } = process.cpuUsage(before);
    return {
      transactions,
      votes,
      messages: messages.length,
      cpuMicros: user + system,
      elapsedMs: performance.now() - startedAt,
    };
  },
};

export type BlockPathCommands = typeof commands;

serve(commands);
