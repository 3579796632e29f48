import { z } from "zod";
import type { Commitment } from "../ledger/block.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { isAddress, isSignature } from "../wire/base58.ts";
import { invalidParams, minContextSlotNotReached, RpcError } from "./errors.ts";

export const commitment = z.enum(["processed", "confirmed", "finalized"]);
export const slot = z.int().nonnegative();
export const encoding = z.enum(["binary", "base58", "base64", "base64+zstd", "jsonParsed"]);
export const transactionEncoding = z.enum(["binary", "base58", "base64", "json", "jsonParsed"]);
export const dataSlice = z.object({ offset: z.int().nonnegative(), length: z.int().nonnegative() });

/** Config objects may be left out or null, and so may each of their fields; unknown fields are ignored. */
export const config = <Shape extends z.ZodRawShape>(shape: Shape) => z.object(shape).partial().nullish();

export const contextConfig = config({ commitment: commitment.nullish(), minContextSlot: slot.nullish() });

export const readAddress = (text: string): string => {
  if (isAddress(text)) return text;
  throw invalidParams(
    /^[1-9A-HJ-NP-Za-km-z]+$/.test(text) ? "Invalid param: WrongSize" : "Invalid param: Invalid",
  );
};

export const readSignature = (text: string): string => {
  if (isSignature(text)) return text;
  throw invalidParams(
    /^[1-9A-HJ-NP-Za-km-z]+$/.test(text) ? "Invalid param: WrongSize" : "Invalid param: Invalid",
  );
};

/** Commitments below `confirmed` are refused by all methods that read complete blocks. */
export const atLeastConfirmed = (wanted: Commitment | null | undefined): Commitment => {
  if (wanted === "processed") {
    throw invalidParams("Method does not support commitment below `confirmed`");
  }
  return wanted ?? "finalized";
};

/** The slot that answers a read. @throws when it is below the client's `minContextSlot`. */
export const contextSlot = (
  ledger: Ledger,
  options:
    | { commitment?: Commitment | null | undefined; minContextSlot?: number | null | undefined }
    | null
    | undefined,
): number => {
  const current = ledger.slot(options?.commitment ?? "finalized");
  const minimum = options?.minContextSlot;
  if (typeof minimum === "number" && current < minimum) throw minContextSlotNotReached(current);
  return current;
};

const requiredOf = new WeakMap<readonly z.ZodType[], number>();

/** How many of the parameters must be there. */
const countRequired = (items: readonly z.ZodType[]): number => {
  const known = requiredOf.get(items);
  if (known !== undefined) return known;
  const count = items.filter((item) => !item.safeParse(undefined).success).length;
  requiredOf.set(items, count);
  return count;
};

/** Parameters of one call, by position. @throws {RpcError} -32602 */
export const readParams = <Items extends readonly z.ZodType[]>(
  items: readonly [...Items],
  params: readonly unknown[],
): { [Index in keyof Items]: z.output<Items[Index]> } => {
  const required = countRequired(items);
  if (params.length < required) {
    throw invalidParams(`\`params\` should have at least ${required} argument(s)`);
  }
  return items.map((item, index) => {
    const parsed = item.safeParse(params[index]);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const path = issue?.path.length ? ` at ${issue.path.join(".")}` : "";
    throw new RpcError(-32602, `Invalid params: ${issue?.message ?? "invalid"}${path}`);
  }) as { [Index in keyof Items]: z.output<Items[Index]> };
};
