import { randomUUID } from "node:crypto";
import { COMMCOIN_PROGRAM_ADDRESS } from "./commcoin/addresses.ts";
import { commCoinPrograms } from "./commcoin/programs.ts";
import type { EmulatedProgram } from "./engine/emulated-program.ts";
import type { Engine } from "./engine/engine.ts";
import { createLitesvmEngine } from "./engine/litesvm-engine.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { type Listening, listen } from "./listen.ts";
import { startMarket } from "./market/market.ts";
import { createNode, type LocalNode, type NodeOptions } from "./node.ts";
import { createSubscriptionRegistry } from "./pubsub/registry.ts";
import { attachPubsub } from "./pubsub/server.ts";
import { readRecordings, type RefusedRecording } from "./replay/read-files.ts";
import { replay } from "./replay/replay.ts";
import { createRpcDispatch } from "./rpc/dispatch.ts";
import { attachRpc } from "./rpc/server.ts";

const DEFAULT_HOST = "127.0.0.1";
/** Slots of the main network, for many years. */
const DEFAULT_SLOT_MS = 400;

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
  /** Slots until a block is confirmed, default 1. */
  readonly confirmationSlots?: number;
  /** Slots until a block is finalized, default 32. */
  readonly finalitySlots?: number;
  /** Slots that are kept, default 3,000. */
  readonly retainedSlots?: number;
  /** Plays a CommCoin market; default none. */
  readonly market?: MarketSettings;
}

export interface ReplayOptions {
  readonly perSecond: number;
  readonly signal?: AbortSignal;
}

export interface Localnet {
  readonly httpUrl: string;
  readonly wsUrl: string;
  readonly engine: Engine;
  readonly ledger: Ledger;
  /** Puts a transaction that was executed or recorded into the open slot. */
  submit: LocalNode["submit"];
  /** Executes a signed transaction, puts it into the open slot, and returns its signature. */
  send: LocalNode["send"];
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

const urlHost = (host: string): string => (host.includes(":") ? `[${host}]` : host);

/**
 * Starts a local Solana node: JSON-RPC and subscriptions on two ports, as real nodes have them.
 * @throws when a port is taken.
 */
export const createLocalnet = async (options: LocalnetOptions = {}): Promise<Localnet> => {
  const { host = DEFAULT_HOST, slotMs = DEFAULT_SLOT_MS, market, genesis = randomUUID() } = options;
  const node = createNode(nodeOptions(options, genesis));
  const registry = createSubscriptionRegistry(node);
  node.ledger.subscribe(registry.publish);

  const http = await listen(host, options.httpPort ?? 0, (server) =>
    attachRpc(server, createRpcDispatch(node)),
  );
  let ws: Listening;
  try {
    ws = await listen(host, options.wsPort ?? 0, (server) => attachPubsub(server, registry));
  } catch (error) {
    await http.close();
    throw error;
  }

  const stopped = new AbortController();
  const timer = slotMs === null ? null : setInterval(() => node.advance(), slotMs);
  const playing = market
    ? startMarket({
        seed: genesis,
        ...market,
        ...(options.commCoinProgramId === undefined ? {} : { programId: options.commCoinProgramId }),
        node: {
          send: node.send,
          latestBlockhash: node.engine.latestBlockhash,
          airdrop: (address, lamports) => node.submit(node.engine.airdrop(address, lamports)),
        },
        signal: stopped.signal,
      })
    : Promise.resolve();

  return {
    httpUrl: `http://${urlHost(host)}:${http.port}`,
    wsUrl: `ws://${urlHost(host)}:${ws.port}`,
    engine: node.engine,
    ledger: node.ledger,
    submit: node.submit,
    send: node.send,
    advance: node.advance,
    replay: async (paths, { perSecond, signal }) => {
      const { transactions, refused } = readRecordings(paths);
      const until = signal ? AbortSignal.any([signal, stopped.signal]) : stopped.signal;
      return { submitted: await replay(node, transactions, { perSecond, signal: until }), refused };
    },
    stop: async () => {
      stopped.abort();
      if (timer !== null) clearInterval(timer);
      await Promise.all([playing, http.close(), ws.close()]);
    },
  };
};
