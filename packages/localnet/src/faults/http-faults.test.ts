import { isSolanaError, type Signature, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { openLocalnet } from "../testing/localnet.ts";
import { call, openSocket, post } from "../testing/raw-rpc.ts";
import { createTransfer } from "../testing/transfers.ts";

const CONFIRMED = { commitment: "confirmed", encoding: "json", maxSupportedTransactionVersion: 0 } as const;

const open = async () => {
  const opened = await openLocalnet();
  const { localnet, payer } = opened;
  const [endpoint] = localnet.endpoints;
  if (!endpoint) throw new Error("No endpoint");
  return {
    ...opened,
    endpoint,
    transfer: createTransfer(localnet, payer),
    ask: (method: string, ...params: unknown[]) => call(endpoint.httpUrl, method, params),
  };
};

const request = (method: string): string => JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: [] });

describe("HTTP 429", () => {
  it("comes with Retry-After or without, as JSON or not, for some methods, so many times", async () => {
    const { endpoint, ask } = await open();
    const ask429 = async () => {
      const response = await fetch(endpoint.httpUrl, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: request("getSlot"),
      });
      return [response.status, response.headers.get("retry-after"), await response.text()];
    };
    endpoint.faults.set({
      rateLimit: { next: 1, methods: ["getSlot"], retryAfterSeconds: 7, body: "text" },
    });
    expect(await ask("getHealth")).toMatchObject({ result: "ok" });
    expect(await ask429()).toEqual([429, "7", "Too Many Requests\n"]);
    expect((await ask429())[0]).toBe(200);
    endpoint.faults.set({ rateLimit: {} });
    expect(await ask429()).toEqual([429, null, expect.stringContaining('"code":429')]);
    const batch = await post(endpoint.httpUrl, `[${request("getHealth")},${request("getSlot")}]`);
    expect(batch.status).toBe(429);
    endpoint.faults.clear();
    expect(await ask("getSlot")).toMatchObject({ result: expect.any(Number) });
    expect(endpoint.faults.state().fired).toEqual({ rateLimit: 3 });
  });

  it("is what kit takes for one", async () => {
    const { endpoint, rpc } = await open();
    endpoint.faults.set({ rateLimit: { retryAfterSeconds: 1 } });
    const error: unknown = await rpc
      .getSlot()
      .send()
      .catch((reason: unknown) => reason);
    expect(isSolanaError(error, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR) && error.context.statusCode).toBe(
      429,
    );
  });
});

describe("requests without an answer", () => {
  it("stay open until the client gives up", async () => {
    const { endpoint, rpc } = await open();
    endpoint.faults.set({ noAnswer: { next: 1, methods: ["getSlot"] } });
    const aborter = new AbortController();
    const silent = rpc.getSlot().send({ abortSignal: aborter.signal });
    let settled = false;
    const outcome = silent.then(
      () => "answered",
      () => "given up",
    );
    outcome.finally(() => (settled = true)).catch(() => undefined);
    expect(await rpc.getHealth().send()).toBe("ok");
    await expect.poll(() => endpoint.faults.state().fired).toEqual({ noAnswer: 1 });
    expect(await rpc.getSlot().send()).toBe(0n);
    expect(settled).toBe(false);
    aborter.abort();
    expect(await outcome).toBe("given up");
  });
});

describe("errors of a node in trouble", () => {
  it.each([
    [{ unhealthy: {} }, { code: -32005, message: "Node is unhealthy", data: { numSlotsBehind: null } }],
    [
      { unhealthy: { slotsBehind: 150 } },
      { code: -32005, message: "Node is behind by 150 slots", data: { numSlotsBehind: 150 } },
    ],
    [
      { minContextSlot: {} },
      { code: -32016, message: "Minimum context slot has not been reached", data: { contextSlot: 1 } },
    ],
  ])("%j", async (fault, error) => {
    const { endpoint, ask } = await open();
    endpoint.faults.set(fault);
    expect(await ask("getSlot")).toMatchObject({ error });
    endpoint.faults.clear();
    expect(await ask("getSlot")).toMatchObject({ result: 0 });
  });

  it("do not know the cursor of a search", async () => {
    const { endpoint, ask, payer, transfer, advance } = await open();
    const signature = await transfer(1n);
    advance(2);
    endpoint.faults.set({ unknownCursor: { next: 2 } });
    const search = (options: object) =>
      ask("getSignaturesForAddress", payer.address, { ...CONFIRMED, ...options });
    const error = { code: -32020, message: `Transaction ${signature} not found` };
    expect(await search({})).toMatchObject({ result: expect.any(Array) });
    expect(await search({ before: signature })).toMatchObject({ error });
    expect(await search({ until: signature })).toMatchObject({ error });
    expect(await search({ before: signature })).toMatchObject({ result: [expect.anything()] });
  });
});

describe("transactions that are not there yet", () => {
  it("are found after so many requests, each of them", async () => {
    const { endpoint, rpc, transfer, advance } = await open();
    const signatures = [await transfer(1n), await transfer(2n), await transfer(3n)] as Signature[];
    advance(2);
    endpoint.faults.set({ missingTransaction: { attempts: 2, next: 2 } });
    const found = async () =>
      Promise.all(
        signatures.map(async (signature) => (await rpc.getTransaction(signature, CONFIRMED).send()) !== null),
      );
    expect(await found()).toEqual([false, false, true]);
    expect(await found()).toEqual([false, false, true]);
    expect(await found()).toEqual([true, true, true]);
  });

  it("are found once that is over", async () => {
    const { endpoint, rpc, transfer, advance } = await open();
    const signature = (await transfer(1n)) as Signature;
    advance(2);
    endpoint.faults.set({ missingTransaction: {} });
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect(await rpc.getTransaction(signature, CONFIRMED).send()).toBeNull();
    }
    endpoint.faults.set({ missingTransaction: null });
    expect(await rpc.getTransaction(signature, CONFIRMED).send()).not.toBeNull();
    endpoint.faults.set({ missingTransaction: { next: 1 } });
    expect(await rpc.getTransaction(signature, CONFIRMED).send()).toBeNull();
    endpoint.faults.clear();
    expect(await rpc.getTransaction(signature, CONFIRMED).send()).not.toBeNull();
  });
});

describe("truncated logs", () => {
  it("end early in answers and notifications, for this endpoint only, while it is on", async () => {
    const { localnet, endpoint, transfer, advance } = await open();
    const other = await localnet.addEndpoint();
    const socket = await openSocket(endpoint.wsUrl);
    socket.send({ id: 1, method: "logsSubscribe", params: ["all", { commitment: "confirmed" }] });
    await socket.next();
    endpoint.faults.set({ truncateLogs: { bytes: 60 } });
    const signature = await transfer(1n);
    advance(2);
    const cut = ["Program 11111111111111111111111111111111 invoke [1]", "Log truncated"];
    const logsFrom = async (url: string) => {
      const { result } = await call(url, "getTransaction", [signature, CONFIRMED]);
      return (result as { meta: { logMessages: string[] } }).meta.logMessages;
    };
    expect(await socket.next()).toMatchObject({
      params: { result: { value: { signature: expect.anything() } } },
    });
    const told = (await socket.next()) as { params: { result: { value: unknown } } };
    expect(told.params.result.value).toEqual({ signature, err: null, logs: cut });
    expect(await logsFrom(endpoint.httpUrl)).toEqual(cut);
    const { result } = await call(endpoint.httpUrl, "getBlock", [2, CONFIRMED]);
    expect(result).toMatchObject({ transactions: [{ meta: { logMessages: cut } }] });
    expect(await logsFrom(other.httpUrl)).toHaveLength(2);
    expect(await logsFrom(other.httpUrl)).not.toEqual(cut);
    endpoint.faults.clear();
    expect(await logsFrom(endpoint.httpUrl)).toEqual(await logsFrom(other.httpUrl));
  });
});
