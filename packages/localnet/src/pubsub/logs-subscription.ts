import { z } from "zod";
import type { LedgerTransaction } from "../ledger/block.ts";
import { invalidParams } from "../rpc/errors.ts";
import { commitment, config, readParams } from "../rpc/params.ts";
import { isAddress } from "../wire/base58.ts";
import { blockReaching, isReported } from "./commitment-event.ts";
import { isVote, mentions } from "./mentions.ts";
import { inSlot, type Subscribe } from "./subscription.ts";

const logsFilter = z.union([
  z.literal("all"),
  z.literal("allWithVotes"),
  z.object({ mentions: z.array(z.string()) }),
]);

const readMention = (addresses: readonly string[]): string => {
  const [address] = addresses;
  if (address === undefined || addresses.length !== 1) {
    throw invalidParams("Invalid Request: Only 1 address supported");
  }
  if (!isAddress(address)) throw invalidParams("Invalid Request: Invalid mentions provided");
  return address;
};

const selector = (filter: z.output<typeof logsFilter>): ((transaction: LedgerTransaction) => boolean) => {
  if (filter === "allWithVotes") return () => true;
  if (filter === "all") return (transaction) => !isVote(transaction);
  const address = readMention(filter.mentions);
  return (transaction) => mentions(transaction, address);
};

/** `logsSubscribe`: one notification for each matching transaction, failed ones included. */
export const subscribeLogs: Subscribe = (_, params) => {
  const [filter, options] = readParams([logsFilter, config({ commitment: commitment.nullish() })], params);
  const wanted = options?.commitment ?? "finalized";
  const selects = selector(filter);
  return {
    notification: "logsNotification",
    key: JSON.stringify(["logs", filter, wanted]),
    report: (event) => {
      const block = blockReaching(event, wanted);
      if (!block || !isReported(event)) return null;
      return {
        results: block.transactions.filter(selects).map(({ executed }) =>
          inSlot(block.slot, {
            signature: executed.signature,
            err: executed.meta.err,
            logs: executed.meta.logMessages ?? [],
          }),
        ),
      };
    },
  };
};
