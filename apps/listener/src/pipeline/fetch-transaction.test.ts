import type { RpcTransport } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { createNodeRpc } from "../rpc/node-rpc.ts";
import { httpError } from "../testing/node-errors.ts";
import { fetchTransaction } from "./fetch-transaction.ts";

function setUp(...answers: unknown[]) {
  let others = 0;
  const payloads: unknown[] = [];
  const waits: number[] = [];
  const troubles: unknown[] = [];
  const controller = new AbortController();
  let nulls = 0;
  const transport: RpcTransport = <Response>({ payload }: { payload: unknown }) => {
    const answer = answers[Math.min(payloads.length, answers.length - 1)];
    payloads.push(payload);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as Response);
  };
  /** What happens while it waits. */
  let meanwhile = (): void => {};
  const fetch = () =>
    fetchTransaction(createNodeRpc(transport), "sig", {
      signal: controller.signal,
      answered: () => others,
      onNull: () => (nulls += 1),
      onTrouble: (error) => troubles.push(error),
      wait: (ms) => {
        waits.push(ms);
        meanwhile();
        return Promise.resolve();
      },
    });
  const giveOthers = (): void => {
    meanwhile = () => (others += 1);
  };
  return { fetch, payloads, waits, troubles, controller, nulls: () => nulls, giveOthers };
}

/** What a node says of itself, not of the request. */
const broken = { jsonrpc: "2.0", id: "1", error: { code: -32_603, message: "Internal error" } };
const result = (value: unknown) => ({ jsonrpc: "2.0", id: "1", result: value });

describe("fetching a transaction", () => {
  it("asks for a confirmed one, as JSON, of any version", async () => {
    const { fetch, payloads } = setUp(result({ slot: 1 }));
    expect(await fetch()).toEqual({ json: { slot: 1 } });
    const config = { encoding: "json", commitment: "confirmed", maxSupportedTransactionVersion: 1 };
    expect(payloads).toMatchObject([{ method: "getTransaction", params: ["sig", config] }]);
  });

  it("asks again while the node does not know it", async () => {
    const { fetch, waits, nulls } = setUp(result(null), result(null), result({ slot: 1 }));
    expect(await fetch()).toEqual({ json: { slot: 1 } });
    expect(waits).toEqual([25, 75]);
    expect(nulls()).toBe(2);
  });

  it("gives up after seven retries", async () => {
    const { fetch, waits } = setUp(result(null));
    expect(await fetch()).toEqual({ unavailable: "the node does not know it", final: false });
    expect(waits).toEqual([25, 75, 200, 400, 800, 1_600, 1_600]);
  });

  it("waits for as long as no node can be reached", async () => {
    const down = httpError(503);
    const { fetch, troubles } = setUp(...Array.from({ length: 20 }, () => down), result({ slot: 1 }));
    expect(await fetch()).toEqual({ json: { slot: 1 } });
    expect(troubles).toHaveLength(20);
  });

  it("waits for as long as nodes refuse everything for reasons of their own", async () => {
    const { fetch, troubles } = setUp(...Array.from({ length: 20 }, () => broken), result({ slot: 1 }));
    expect(await fetch()).toEqual({ json: { slot: 1 } });
    expect(troubles).toHaveLength(20);
  });

  it("does not hold up others that nodes give while they refuse this one", async () => {
    const { fetch, payloads, giveOthers } = setUp(broken);
    giveOthers();
    expect(await fetch()).toMatchObject({ unavailable: expect.any(String), final: false });
    expect(payloads).toHaveLength(4);
  });

  it.each([
    [-32_015, "Transaction version (9) is not supported"],
    [-32_602, "Invalid param"],
  ])("gives up one that is blamed with %i again and again while nodes give others", async (code, message) => {
    const refusal = { jsonrpc: "2.0", id: "1", error: { code, message } };
    const { fetch, payloads, giveOthers } = setUp(refusal);
    giveOthers();
    expect(await fetch()).toEqual({ unavailable: expect.stringContaining(message), final: true });
    expect(payloads).toHaveLength(4);
  });

  it.each([
    [-32_600, "app inactive"],
    [-32_602, "plan limit"],
    [-32_003, "daily request count exceeded"],
  ])("waits for as long as nodes blame everything with %i, %s", async (code, message) => {
    const refusal = { jsonrpc: "2.0", id: "1", error: { code, message } };
    const { fetch, troubles } = setUp(...Array.from({ length: 20 }, () => refusal), result({ slot: 1 }));
    expect(await fetch()).toEqual({ json: { slot: 1 } });
    expect(String(troubles[0])).toContain(`error ${code}: ${message}`);
  });

  it("stops when it is told to", async () => {
    const { fetch, controller, payloads } = setUp(result(null));
    controller.abort();
    expect(await fetch()).toBe("aborted");
    expect(payloads).toHaveLength(0);
  });
});
