import { describe, expect, it } from "vitest";
import { httpError, rpcError } from "../testing/node-errors.ts";
import { errorIn } from "./read-answer.ts";
import { blamesRequest, isOrdinary, isRateLimit, isTransient } from "./transient.ts";

const answered = (answer: unknown): unknown => errorIn(answer, (text) => text);

describe("what an error of a node means", () => {
  it.each<[unknown]>([
    [httpError(429)],
    [httpError(429, "5")],
    [httpError(403, null, "You have exceeded your daily quota.")],
    [rpcError(429)],
    [rpcError(-32_429, "rate limited")],
    [rpcError(-32_029, "too many requests")],
    [rpcError(-32_005, "Too many requests for a specific RPC call")],
    [rpcError(-32_003, "daily request count exceeded")],
    [rpcError(-32_007, "15/second request limit reached - reduce calls per second or upgrade your account")],
    [rpcError(-32_000, "Monthly capacity limit exceeded")],
    [rpcError(-32_602, "plan limit")],
    [rpcError(-32_600, "max usage reached")],
    [answered({ message: "Too Many Requests" })],
    [answered({ jsonrpc: "2.0", id: 1, error: "rate limit exceeded" })],
    [answered({ error: { code: "429", message: "no" } })],
    [answered({ error: { message: "Request failed", data: "quota exhausted" } })],
  ])("takes for a rate limit, which passes: %s", (error) => {
    expect([isRateLimit(error), isTransient(error), blamesRequest(error), isOrdinary(error)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it.each([
    rpcError(-32_005, "Node is behind by 42 slots"),
    rpcError(-32_005, "Node is unhealthy"),
    rpcError(-32_004, "Block not available for slot 7"),
    rpcError(-32_007, "Slot 7 was skipped, or missing due to ledger jump to recent snapshot"),
    rpcError(-32_001, "Block 7 cleaned up, does not exist on node. First available block: 9"),
    rpcError(-32_011, "Transaction history is not available from this node"),
    rpcError(-32_016, "Minimum context slot has not been reached"),
    rpcError(-32_602, "Too many inputs provided; max 256"),
    rpcError(-32_602, "Slot range too large; max 500000"),
    rpcError(-32_003, "Transaction signature verification failure"),
    rpcError(-32_600, "app inactive"),
  ])("does not take for a rate limit: %s", (error) => {
    expect(isRateLimit(error)).toBe(false);
  });
});
