import { serve } from "@commcoin/harness";
import { COMMCOIN_PROGRAM_ADDRESS, createLocalnet, type Localnet } from "@commcoin/localnet";

export interface OpenChain {
  readonly genesis: string;
  readonly transactionsPerSecond: number;
  readonly slotMs: number;
  readonly endpoints: number;
}

export interface ChainUrls {
  readonly http: readonly string[];
  readonly ws: readonly string[];
}

let localnet: Localnet | undefined;
/** When transactions of the program were confirmed, in Unix milliseconds, by the id that their message has. */
const confirmed = new Map<string, number>();

const mentionsProgram = (keys: readonly string[]): boolean => keys.includes(COMMCOIN_PROGRAM_ADDRESS);

const commands = {
  async open({ genesis, transactionsPerSecond, slotMs, endpoints }: OpenChain): Promise<ChainUrls> {
    localnet = await createLocalnet({
      genesis,
      slotMs,
      endpoints,
      market: { transactionsPerSecond, seed: genesis },
    });
    localnet.ledger.subscribe((event) => {
      if (event.type !== "confirmed") return;
      for (const { executed } of event.block.transactions) {
        if (!mentionsProgram(executed.transaction.message.accountKeys)) continue;
        const status = executed.meta.err === null ? "confirmed" : "failed";
        confirmed.set(`${executed.signature}:${status}`, performance.timeOrigin + performance.now());
      }
    });
    return {
      http: localnet.endpoints.map(({ httpUrl }) => httpUrl),
      ws: localnet.endpoints.map(({ wsUrl }) => wsUrl),
    };
  },
  confirmedSince: (at: number): readonly (readonly [id: string, at: number])[] =>
    [...confirmed].filter(([, confirmedAt]) => confirmedAt >= at),
  async close(): Promise<void> {
    await localnet?.stop();
  },
};

export type ChainCommands = typeof commands;

serve(commands);
