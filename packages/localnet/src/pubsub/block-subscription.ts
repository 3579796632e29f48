import { z } from "zod";
import type { Block } from "../ledger/block.ts";
import { type BlockOptions, encodeBlock } from "../rpc/encode-block.ts";
import { invalidParams, RpcError } from "../rpc/errors.ts";
import { atLeastConfirmed, commitment, config, readParams, transactionEncoding } from "../rpc/params.ts";
import { isAddress } from "../wire/base58.ts";
import { blockReaching } from "./commitment-event.ts";
import { mentions } from "./mentions.ts";
import { inSlot, type Subscribe } from "./subscription.ts";

const UNSUPPORTED_VERSION = -32015;

const blockFilter = z.union([z.literal("all"), z.object({ mentionsAccountOrProgram: z.string() })]);

const blockConfig = config({
  commitment: commitment.nullish(),
  encoding: transactionEncoding.nullish(),
  transactionDetails: z.enum(["full", "accounts", "signatures", "none"]).nullish(),
  showRewards: z.boolean().nullish(),
  maxSupportedTransactionVersion: z.int().min(0).max(255).nullish(),
});

const encodeOrError = (block: Block, options: BlockOptions) => {
  try {
    return { slot: block.slot, block: encodeBlock(block, options), err: null };
  } catch (error) {
    if (!(error instanceof RpcError) || error.code !== UNSUPPORTED_VERSION) throw error;
    return { slot: block.slot, block: null, err: { UnsupportedTransactionVersion: 0 } };
  }
};

/** `blockSubscribe`: every block, or what of it names an address, and then only blocks in which that is something. */
export const subscribeBlock: Subscribe = (_, params) => {
  const [filter, given] = readParams([blockFilter, blockConfig], params);
  const address = filter === "all" ? null : filter.mentionsAccountOrProgram;
  if (address !== null && !isAddress(address)) {
    throw invalidParams("Invalid Request: Invalid pubkey provided");
  }
  if (given?.encoding === "jsonParsed") {
    throw invalidParams("Invalid params: this local node has no jsonParsed encoding; use json or base64");
  }
  const wanted = atLeastConfirmed(given?.commitment);
  const options: BlockOptions = {
    encoding: given?.encoding ?? "base64",
    transactionDetails: given?.transactionDetails ?? "full",
    rewards: given?.showRewards ?? false,
    maxSupportedTransactionVersion: given?.maxSupportedTransactionVersion,
  };
  return {
    notification: "blockNotification",
    key: JSON.stringify(["block", address, wanted, options]),
    report: (event) => {
      const block = blockReaching(event, wanted);
      if (!block) return null;
      const transactions =
        address === null
          ? block.transactions
          : block.transactions.filter((transaction) => mentions(transaction, address));
      if (address !== null && transactions.length === 0) return null;
      return { results: [inSlot(block.slot, encodeOrError({ ...block, transactions }, options))] };
    },
  };
};
