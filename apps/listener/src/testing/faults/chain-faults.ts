import type { FaultCase, Scene } from "./fault-case.ts";
import { publishedSoFar, relevant } from "./chain-comparison.ts";

const SKIPPED = 12;
/** Blocks for which nothing becomes final. */
const ROOT_JUMP = 40;
const TRUNCATED = 10;

/** Trades until something is published that is not final, then loses its block and those after it. */
const fork =
  (reland: "none" | "all") =>
  async ({ localnet, running, play }: Scene): Promise<void> => {
    const { ledger, chain } = localnet;
    for (;;) {
      await play(1);
      const { signatures } = await publishedSoFar(running.broker);
      const newest = relevant(localnet, new Set()).findLast(
        ({ signature, err }) => err === null && signatures.has(signature),
      );
      if (newest === undefined || newest.slot <= ledger.slot("finalized")) continue;
      // It names a blockhash from before its block, so that it can land again.
      chain.fork({ depth: ledger.openSlot() - newest.slot, reland });
      return;
    }
  };

/** What goes wrong with the chain, for all nodes alike, and with what they show of it. */
export const chainFaults: readonly FaultCase[] = [
  {
    name: "a fork loses confirmed transactions",
    begin: fork("none"),
    struck: ({ localnet }) => localnet.oracle.lostSlots().length > 0,
    metric: { name: "concluded_total", labels: 'outcome="dropped"' },
    readiness: "ready",
    status: "live",
    logs: "a fork lost a confirmed transaction",
  },
  {
    name: "a fork, and its transactions land again",
    begin: fork("all"),
    struck: ({ localnet }) => localnet.oracle.lostSlots().length > 0,
    metric: { name: "concluded_total", labels: 'outcome="relanded"' },
    readiness: "ready",
    status: "live",
  },
  {
    name: "slots skipped",
    begin: ({ localnet }) => localnet.chain.skip(SKIPPED),
    struck: () => true,
    metric: { name: "skipped_slots_total", by: SKIPPED },
    readiness: "ready",
    status: "live",
  },
  {
    name: "finality stands still, then jumps",
    begin: ({ localnet }) => localnet.chain.rootJump(ROOT_JUMP),
    struck: ({ localnet: { ledger } }) => ledger.slot("processed") - ledger.slot("finalized") >= ROOT_JUMP,
    metric: { name: "finality_lag_slots", by: 20 },
    readiness: "ready",
    status: "waits for finality",
  },
  {
    name: "logs truncated",
    begin: ({ nodes: [node] }) => node.faults.set({ truncateLogs: { bytes: 300 } }),
    struck: async ({ running }) => (await running.metric("truncated_logs_total")) >= TRUNCATED,
    metric: { name: "truncated_logs_total", by: TRUNCATED },
    readiness: "ready",
    status: "live",
  },
];
