import { createLocalnet } from "@commcoin/localnet";
import { serve } from "@commcoin/harness";

const commands = {
  /** A local Solana node with a market. */
  async start(transactionsPerSecond: number): Promise<{ readonly httpUrl: string; readonly wsUrl: string }> {
    const { httpUrl, wsUrl } = await createLocalnet({ market: { transactionsPerSecond } });
    return { httpUrl, wsUrl };
  },
};

export type NodeCommands = typeof commands;

serve(commands);
