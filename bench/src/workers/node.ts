import { createLocalnet } from "@commcoin/localnet";
import { serve } from "@commcoin/harness";

export interface NodeUrls {
  readonly httpUrl: string;
  readonly wsUrl: string;
}

const commands = {
  /** A local Solana node with a market. */
  async start(transactionsPerSecond: number): Promise<NodeUrls> {
    const { httpUrl, wsUrl } = await createLocalnet({ market: { transactionsPerSecond } });
    return { httpUrl, wsUrl };
  },
};

export type NodeCommands = typeof commands;

serve(commands);
