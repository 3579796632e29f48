import { randomUUID } from "node:crypto";
import { whenAborted } from "@commcoin/service/lifecycle";
import { type Chain, createChain } from "./chain.ts";
import { COMMCOIN_PROGRAM_ADDRESS } from "./commcoin/addresses.ts";
import { commCoinPrograms } from "./commcoin/programs.ts";
import type { EmulatedProgram } from "./engine/emulated-program.ts";
import type { Engine } from "./engine/engine.ts";
import { createLitesvmEngine } from "./engine/litesvm-engine.ts";
import { createEndpoint, type Endpoint } from "./endpoint/endpoint.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { createOracle, type Oracle } from "./ledger/oracle.ts";
import { startMarket } from "./market/market.ts";
import { createNode, type LocalNode, type NodeOptions } from "./node.ts";
import { readRecordings, type RefusedRecording } from "./replay/read-files.ts";
import { replay } from "./replay/replay.ts";

const DEFAULT_HOST = "127.0.0.1";
/** Slots of the main network, for many years. */
const DEFAULT_SLOT_MS = 400;
/**
 * Part of a slot in which the market rests: a validator executes on cores of its own, while here it would stand in front
 * of the answers to those who ask for what has just been confirmed.
 */
const REST_SHARE = 0.1;
/** Ports of an endpoint are so much above those of the one before it. */
const ENDPOINT_PORT_STEP = 10;

export interface MarketSettings {
  /** Default 5. */
  readonly transactionsPerSecond?: number;
  /** The same seed plays the same market; default the ledger's name. */
  readonly seed?: string;
  /** Hears what the node refused; the market goes on. */
  readonly onRefused?: (error: unknown) => void;
}

export interface LocalnetOptions {
  /** Port of JSON-RPC; 0, the default, takes a free one. */
  readonly httpPort?: number;
  /** Port of the subscriptions; 0, the default, takes a free one. */
  readonly wsPort?: number;
  /** Default 127.0.0.1, which listens on ::1 as well. */
  readonly host?: string;
  /** Milliseconds between two slots, default 400; null leaves it to `advance`, and no timer runs. */
  readonly slotMs?: number | null;
  /** Name of the ledger: the same name gives the same blockhashes. Default a random one. */
  readonly genesis?: string;
  /** Unix milliseconds; default the system clock. */
  readonly now?: () => number;
  /** Address at which the CommCoin program is. */
  readonly commCoinProgramId?: string;
  /** More emulated programs, by address. */
  readonly programs?: ReadonlyMap<string, EmulatedProgram>;
  /** Blocks on top of it with which a block is confirmed, default 1. */
  readonly confirmationSlots?: number;
  /** Blocks on top of it with which a block is finalized, default 32. */
  readonly finalitySlots?: number;
  /** Slots that are kept, by the ledger as by the oracle, default 3,000. */
  readonly retainedSlots?: number;
  /** Endpoints over the one chain, default 1. Unless they are 0, the ports of each are 10 above those before. */
  readonly endpoints?: number;
  /** Determines when faults with a probability strike; default the ledger's name. */
  readonly faultSeed?: string;
  /** Plays a CommCoin market; default none. */
  readonly market?: MarketSettings;
}

export interface ReplayOptions {
  readonly perSecond: number;
  readonly signal?: AbortSignal;
}

export interface Localnet {
  /** Of the first endpoint. */
  readonly httpUrl: string;
  /** Of the first endpoint. */
  readonly wsUrl: string;
  readonly endpoints: readonly Endpoint[];
  /** Starts one more endpoint over the same chain, on free ports. It knows the chain's past as the others do. */
  addEndpoint(): Promise<Endpoint>;
  /** What goes wrong for all endpoints alike. */
  readonly chain: Chain;
  /** All that happened to every transaction. */
  readonly oracle: Oracle;
  readonly engine: Engine;
  readonly ledger: Ledger;
  /** Puts a transaction that was executed or recorded into the open slot. */
  submit: LocalNode["submit"];
  /** Executes a signed transaction, puts it into the open slot, and returns its signature. */
  send: LocalNode["send"];
  /**
   * The newest confirmed blockhash, which is what wallets sign with. A transaction that names it can land again after
   * a fork that keeps that block; one that names the engine's latest hardly ever can.
   */
  confirmedBlockhash: () => string;
  /** Completes the open slot. */
  advance: LocalNode["advance"];
  /**
   * Puts recorded transactions from files or folders into new slots, at a steady rate; resolves after the last.
   * @returns how many there were, and which were left out because they cannot be rebuilt exactly.
   */
  replay(
    paths: readonly string[],
    options: ReplayOptions,
  ): Promise<{ readonly submitted: number; readonly refused: readonly RefusedRecording[] }>;
  /** Ends the market, replays and slots, and closes all connections. */
  stop(): Promise<void>;
}

const nodeOptions = (options: LocalnetOptions, genesis: string): NodeOptions => {
  const { confirmationSlots, finalitySlots, retainedSlots, programs = new Map() } = options;
  const commCoin = commCoinPrograms(options.commCoinProgramId ?? COMMCOIN_PROGRAM_ADDRESS);
  return {
    engine: createLitesvmEngine({ programs: new Map([...commCoin, ...programs]) }),
    now: options.now ?? Date.now,
    genesis,
    ...(confirmationSlots === undefined ? {} : { confirmationSlots }),
    ...(finalitySlots === undefined ? {} : { finalitySlots }),
    ...(retainedSlots === undefined ? {} : { retainedSlots }),
  };
};

/**
 * Starts a local Solana node: JSON-RPC and subscriptions on two ports, as real nodes have them.
 * @throws when a port is taken.
 */
export const createLocalnet = async (options: LocalnetOptions = {}): Promise<Localnet> => {
  const { host = DEFAULT_HOST, slotMs = DEFAULT_SLOT_MS, market, genesis = randomUUID() } = options;
  const node = createNode(nodeOptions(options, genesis));
  const oracle = createOracle(node.ledger);
  const chain = createChain(node);
  const endpoints: Endpoint[] = [];
  const openEndpoint = async (httpPort: number, wsPort: number): Promise<Endpoint> => {
    const seed = `${options.faultSeed ?? genesis}/${endpoints.length}`;
    const endpoint = await createEndpoint({ node, chain, host, httpPort, wsPort, seed });
    endpoints.push(endpoint);
    return endpoint;
  };
  const closeEndpoints = () => Promise.all(endpoints.map((endpoint) => endpoint.down()));
  const portOf = (first: number | undefined, index: number): number =>
    first ? first + index * ENDPOINT_PORT_STEP : 0;
  const first = await openEndpoint(options.httpPort ?? 0, options.wsPort ?? 0);
  try {
    for (let index = 1; index < (options.endpoints ?? 1); index += 1) {
      await openEndpoint(portOf(options.httpPort, index), portOf(options.wsPort, index));
    }
  } catch (error) {
    await closeEndpoints();
    throw error;
  }

  const confirmedBlockhash = (): string =>
    node.ledger.block(node.ledger.slot("confirmed"))?.blockhash ?? node.ledger.genesisHash;
  const stopped = new AbortController();
  let restUntil = 0;
  const nextSlot = (): void => {
    node.advance();
    restUntil = performance.now() + (slotMs ?? 0) * REST_SHARE;
  };
  const timer = slotMs === null ? null : setInterval(nextSlot, slotMs);
  const playing = market
    ? startMarket({
        seed: genesis,
        ...market,
        ...(options.commCoinProgramId === undefined ? {} : { programId: options.commCoinProgramId }),
        node: {
          send: node.send,
          latestBlockhash: confirmedBlockhash,
          airdrop: (address, lamports) => node.submit(node.engine.airdrop(address, lamports)),
        },
        signal: stopped.signal,
        rest: () => restUntil - performance.now(),
      })
    : Promise.resolve();

  return {
    httpUrl: first.httpUrl,
    wsUrl: first.wsUrl,
    endpoints,
    addEndpoint: () => openEndpoint(0, 0),
    chain,
    oracle,
    engine: node.engine,
    ledger: node.ledger,
    submit: node.submit,
    send: node.send,
    confirmedBlockhash,
    advance: node.advance,
    replay: async (paths, { perSecond, signal }) => {
      const { transactions, refused } = readRecordings(paths);
      const ended = new AbortController();
      const end = (): void => ended.abort();
      const leaving = [whenAborted(signal, end), whenAborted(stopped.signal, end)];
      try {
        return { submitted: await replay(node, transactions, { perSecond, signal: ended.signal }), refused };
      } finally {
        for (const leave of leaving) leave();
      }
    },
    stop: async () => {
      stopped.abort();
      if (timer !== null) clearInterval(timer);
      await Promise.all([playing, closeEndpoints()]);
    },
  };
};
