import type { RpcTransport } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { httpError, rpcError } from "../testing/node-errors.ts";
import { createPlaces, withConcurrency } from "./with-concurrency.ts";
import { withFailover } from "./with-failover.ts";
import { withRetry } from "./with-retry.ts";

const payload = { id: "1", jsonrpc: "2.0", method: "getSlot", params: [] };

/** Answers with each of these in turn: an Error is thrown. */
function script(...answers: unknown[]): { transport: RpcTransport; sent: () => number } {
  let sent = 0;
  return {
    sent: () => sent,
    transport: <Response>() => {
      const answer = answers[Math.min(sent, answers.length - 1)];
      sent += 1;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as Response);
    },
  };
}

function retrying(attempts: number, ...answers: unknown[]) {
  const waits: number[] = [];
  const { transport, sent } = script(...answers);
  const send = withRetry(transport, {
    attempts,
    minMs: 100,
    maxMs: 1_000,
    random: () => 0,
    wait: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  });
  return { send: () => send({ payload }), sent, waits };
}

describe("retry", () => {
  it.each([429, 500, 502, 503, 408])("sends again after HTTP %i", async (status) => {
    const { send, sent } = retrying(3, httpError(status), { result: 1 });
    await expect(send()).resolves.toEqual({ result: 1 });
    expect(sent()).toBe(2);
  });

  it.each([-32_005, -32_014, -32_016, -32_019, 429])(
    "sends again after error %i in the body",
    async (code) => {
      const { send, sent } = retrying(3, rpcError(code), rpcError(code), { result: 1 });
      await expect(send()).resolves.toEqual({ result: 1 });
      expect(sent()).toBe(3);
    },
  );

  it("waits for as long as Retry-After says, and the jitter on top", async () => {
    const { send, waits } = retrying(3, httpError(429, "2"), { result: 1 });
    await send();
    expect(waits).toEqual([2_100]);
  });

  it("does not wait for hours because a node says so", async () => {
    const { send, waits } = retrying(3, httpError(429, "86400"), { result: 1 });
    await send();
    expect(waits).toEqual([30_100]);
  });

  it.each([400, 401, 403, 404])("does not send again after HTTP %i", async (status) => {
    const { send, sent } = retrying(3, httpError(status));
    await expect(send()).rejects.toMatchObject({ refusal: { status } });
    expect(sent()).toBe(1);
  });

  it("hands an error of the node on as the node said it", async () => {
    const { send, sent } = retrying(3, rpcError(-32_602, "bad key"));
    await expect(send()).rejects.toThrow("error -32602: bad key");
    expect(sent()).toBe(1);
  });

  it("gives up after the last attempt with the last failure", async () => {
    const { send, sent } = retrying(4, new TypeError("fetch failed"));
    await expect(send()).rejects.toThrow("fetch failed");
    expect(sent()).toBe(4);
  });
});

describe("failover", () => {
  it("asks the next node when one fails, and stays with the one that answered", async () => {
    const first = script(new TypeError("fetch failed"));
    const second = script({ result: 2 });
    const transport = withFailover([first.transport, second.transport]);
    await expect(transport({ payload })).resolves.toEqual({ result: 2 });
    await expect(transport({ payload })).resolves.toEqual({ result: 2 });
    expect([first.sent(), second.sent()]).toEqual([1, 2]);
  });

  it("blames the request only when every node does", async () => {
    const blaming = script(rpcError(-32_602, "bad key"));
    const alsoBlaming = script(rpcError(-32_015, "no version 9"));
    const both = withFailover([blaming.transport, alsoBlaming.transport]);
    await expect(both({ payload })).rejects.toThrow("no version 9");
    for (const other of [script(httpError(429)), script(httpError(403)), script(rpcError(-32_603))]) {
      for (const nodes of [[blaming, other] as const, [other, blaming] as const]) {
        const failure: unknown = await withFailover(nodes.map(({ transport }) => transport))({
          payload,
        }).catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(Error);
        expect(String(failure)).not.toContain("bad key");
      }
    }
  });

  it.each([
    ["HTTP 403", httpError(403)],
    ["error -32603", rpcError(-32_603)],
    ["error -32011", rpcError(-32_011)],
    ["error -32600", rpcError(-32_600, "app inactive")],
    ["error -32602", rpcError(-32_602, "daily quota")],
    ["error -32015", rpcError(-32_015)],
  ])("asks the next node after %s", async (_, refusal) => {
    const first = script(refusal);
    const second = script({ result: 2 });
    const transport = withFailover([first.transport, second.transport]);
    await expect(transport({ payload })).resolves.toEqual({ result: 2 });
    await expect(transport({ payload })).resolves.toEqual({ result: 2 });
    expect([first.sent(), second.sent()]).toEqual([1, 2]);
  });

  it("tells a failure that may pass before one that will not, when no node helps", async () => {
    const limited = script(httpError(429));
    const revoked = script(httpError(403));
    for (const nodes of [[limited, revoked] as const, [revoked, limited] as const]) {
      const transport = withFailover(nodes.map((node) => node.transport));
      await expect(transport({ payload })).rejects.toMatchObject({ refusal: { status: 429 } });
    }
    expect([limited.sent(), revoked.sent()]).toEqual([2, 2]);
  });

  it("tells the last failure when no node helps", async () => {
    const transport = withFailover([script(httpError(503)).transport, script(httpError(502)).transport]);
    await expect(transport({ payload })).rejects.toMatchObject({ refusal: { status: 502 } });
  });
});

describe("concurrency", () => {
  it("never sends more than the limit at a time, and sends everything in order", async () => {
    let open = 0;
    let most = 0;
    const order: unknown[] = [];
    const send: RpcTransport = async ({ payload }) => {
      order.push(payload);
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      if (Number(payload) % 3 === 0) throw new Error("no");
      return {} as never;
    };
    const transport = withConcurrency(send, createPlaces(4), "live");
    const numbers = Array.from({ length: 50 }, (_, n) => n);
    const results = await Promise.allSettled(numbers.map((payload) => transport({ payload })));
    expect(most).toBe(4);
    expect(order).toEqual(numbers);
    expect(results.filter(({ status }) => status === "rejected")).toHaveLength(17);
  });
});

describe("places for requests", () => {
  it("keeps a quarter free for live requests, and forgets those that were given up", async () => {
    const places = createPlaces(4);
    const entered: string[] = [];
    const enter = (kind: "live" | "audit", name: string, signal?: AbortSignal): Promise<void> =>
      places.take(kind, signal).then(() => void entered.push(name));
    const abort = new AbortController();
    for (const name of ["a", "b", "c", "d"]) void enter("audit", name);
    const given = enter("audit", "e", abort.signal);
    const live = enter("live", "f");
    await live;
    void enter("live", "g");
    await new Promise((resolve) => setImmediate(resolve));
    expect([entered, places.waiting("audit").count]).toEqual([["a", "b", "c", "f"], 2]);
    abort.abort();
    await expect(given).rejects.toThrow("aborted");
    places.give("audit");
    places.give("audit");
    await new Promise((resolve) => setImmediate(resolve));
    expect(entered).toEqual(["a", "b", "c", "f", "g", "d"]);
  });
});
