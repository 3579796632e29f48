import { slotSkipped } from "../rpc/errors.ts";

interface Range {
  readonly from: number;
  readonly to: number;
}

interface Answered {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly answer: unknown;
}

type WithSlot = { readonly slot: number } | null;

/**
 * What a node answers that does not have the blocks of these slots.
 * @throws {RpcError} -32007 when one of them is asked for.
 */
export const withoutBlocks = ({ from, to }: Range, { method, params, answer }: Answered): unknown => {
  const isMissing = (slot: number): boolean => slot >= from && slot <= to;
  const isGone = (item: WithSlot): boolean => item !== null && isMissing(item.slot);
  switch (method) {
    case "getBlock":
    case "getBlockTime":
      if (isMissing(Number(params[0]))) throw slotSkipped(Number(params[0]));
      return answer;
    case "getBlocks":
      return (answer as readonly number[]).filter((slot) => !isMissing(slot));
    case "getTransaction":
      return isGone(answer as WithSlot) ? null : answer;
    case "getSignaturesForAddress":
      return (answer as readonly WithSlot[]).filter((item) => !isGone(item));
    case "getSignatureStatuses": {
      const statuses = answer as { readonly value: readonly WithSlot[] };
      return { ...statuses, value: statuses.value.map((item) => (isGone(item) ? null : item)) };
    }
    default:
      return answer;
  }
};
