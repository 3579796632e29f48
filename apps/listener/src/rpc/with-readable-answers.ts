import { isJsonRpcPayload, type RpcTransport } from "@solana/kit";
import type { DecodeTransaction } from "../decode/decode-transaction.ts";
import { isObject } from "../decode/json-shape.ts";
import { errorText } from "../support/error-text.ts";
import { UnreadableAnswer } from "./unreadable-answer.ts";

/** Says what is wrong with a result; null when it can be read. */
type Check = (result: unknown, params: readonly unknown[]) => string | null;

const isSlot = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown): boolean => typeof value === "string" && value !== "";

const shape =
  (expected: string, fits: (...given: Parameters<Check>) => boolean): Check =>
  (result, params) =>
    fits(result, params) ? null : `it should be ${expected}`;
const listOf = (expected: string, fits: (item: unknown) => boolean): Check =>
  shape(expected, (result) => Array.isArray(result) && result.every(fits));
/** A `value` with one item for each that was asked for. */
const valuesOf = (expected: string): Check =>
  shape(expected, (result, [asked]) => {
    const values = isObject(result) ? result["value"] : null;
    const isFull = Array.isArray(values) && Array.isArray(asked) && values.length === asked.length;
    return isFull && values.every((value) => value === null || isObject(value));
  });

const CHECKS: ReadonlyMap<string, Check> = new Map([
  ["getSlot", shape("a slot", isSlot)],
  ["getBlocks", listOf("a list of slots", isSlot)],
  [
    "getSignaturesForAddress",
    listOf(
      "a list of signatures with their slots",
      (entry) => isObject(entry) && isText(entry["signature"]) && isSlot(entry["slot"]),
    ),
  ],
  ["getSignatureStatuses", valuesOf("the status of each signature")],
  ["getMultipleAccounts", valuesOf("each account")],
  ["getBlock", shape("a block", (result) => result === null || isObject(result))],
]);

/**
 * Fails where a node answers with what cannot be read, so that another node is asked. A transaction is decoded for it; who
 * remembers what was decoded has no more work with it.
 * @throws {UnreadableAnswer}
 */
export function withReadableAnswers(transport: RpcTransport, decode: DecodeTransaction): RpcTransport {
  const checkTransaction: Check = (result, [signature]) => {
    if (result === null) return null;
    try {
      return decode(result).signature === signature ? null : "it is another transaction";
    } catch (error) {
      return errorText(error);
    }
  };
  return async function <Response>(config: Parameters<RpcTransport>[0]) {
    const answer = await transport<Response>(config);
    const { payload } = config;
    if (!isJsonRpcPayload(payload)) return answer;
    const check = payload.method === "getTransaction" ? checkTransaction : CHECKS.get(payload.method);
    const { result } = answer as { readonly result: unknown };
    const reason = check?.(result, payload.params as readonly unknown[]) ?? null;
    if (reason !== null) throw new UnreadableAnswer(payload.method, reason, result);
    return answer;
  };
}
