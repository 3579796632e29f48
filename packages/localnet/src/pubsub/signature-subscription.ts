import { z } from "zod";
import { invalidParams } from "../rpc/errors.ts";
import { commitment, config, readParams } from "../rpc/params.ts";
import { isSignature } from "../wire/base58.ts";
import { blockReaching } from "./commitment-event.ts";
import { inSlot, type Subscribe } from "./subscription.ts";

/** `signatureSubscribe`: one report when the transaction reaches the commitment, then it is over. */
export const subscribeSignature: Subscribe = (_, params) => {
  const [signature, options] = readParams(
    [
      z.string(),
      config({ commitment: commitment.nullish(), enableReceivedNotification: z.boolean().nullish() }),
    ],
    params,
  );
  if (!isSignature(signature)) throw invalidParams("Invalid Request: Invalid signature provided");
  const wanted = options?.commitment ?? "finalized";
  const received = options?.enableReceivedNotification ?? false;
  return {
    notification: "signatureNotification",
    key: JSON.stringify(["signature", signature, wanted, received]),
    report: (event) => {
      if (event.type === "received") {
        const { slot, executed } = event.transaction;
        if (!received || executed.signature !== signature) return null;
        return { results: [inSlot(slot, "receivedSignature")] };
      }
      const block = blockReaching(event, wanted);
      const found = block?.transactions.find(({ executed }) => executed.signature === signature);
      return block && found
        ? { results: [inSlot(block.slot, { err: found.executed.meta.err })], final: true }
        : null;
    },
  };
};
