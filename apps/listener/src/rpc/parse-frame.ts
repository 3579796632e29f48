import { isObject } from "../decode/json-shape.ts";

const SUBSCRIPTION = /"subscription"\s*:\s*(\d+)/g;
const RESULT = /"result"\s*:\s*(\d+)/g;

const isRounded = (value: unknown): value is number =>
  typeof value === "number" && !Number.isSafeInteger(value);

/** The integer that was rounded to a number, as it stands in the text; the number where it does not stand there. */
function exactly(text: string, pattern: RegExp, rounded: number): bigint | number {
  for (const [, digits] of text.matchAll(pattern)) {
    if (digits !== undefined && Number(digits) === rounded) return BigInt(digits);
  }
  return rounded;
}

/**
 * Parses a frame as plain JSON. Numbers of subscriptions are 64 bits wide: where one does not fit into a number, it
 * becomes a `bigint`. All other integers beyond 2^53 are rounded.
 * @throws {SyntaxError} when it is not JSON.
 */
export function parseFrame(text: string): unknown {
  const message: unknown = JSON.parse(text);
  if (!isObject(message)) return message;
  const { params, result } = message;
  if (isRounded(result)) return { ...message, result: exactly(text, RESULT, result) };
  if (!isObject(params) || !isRounded(params["subscription"])) return message;
  const subscription = exactly(text, SUBSCRIPTION, params["subscription"]);
  return { ...message, params: { ...params, subscription } };
}
