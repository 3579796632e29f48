import { describe, expect, it } from "vitest";
import { openLocalnet } from "../testing/localnet.ts";
import { call, post } from "../testing/raw-rpc.ts";

const UNKNOWN_SIGNATURE =
  "5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnbJLgp8uirBgmQpjKhoR4tjF3ZpRzrFmBV6UjKdiSZkQUW";
const ADDRESS = "7dm9am6Qx7cH64RB99Mzf7ZsLbEfmXM7ihXXCvMiT2X1";
const V0_MESSAGE = 'configuration parameter: "maxSupportedTransactionVersion": 0';

describe("JSON-RPC over HTTP", () => {
  it("answers batches in order, and nothing to notifications", async () => {
    const { localnet } = await openLocalnet();
    const batch = [
      { jsonrpc: "2.0", id: "a", method: "getHealth" },
      { jsonrpc: "2.0", method: "getHealth" },
      { jsonrpc: "2.0", id: 2, method: "getNothing" },
    ];
    const { text } = await post(localnet.httpUrl, JSON.stringify(batch));
    expect(JSON.parse(text)).toEqual([
      { jsonrpc: "2.0", result: "ok", id: "a" },
      { jsonrpc: "2.0", error: { code: -32601, message: "Method not found" }, id: 2 },
    ]);
    expect(await post(localnet.httpUrl, JSON.stringify(batch[1]))).toEqual({ status: 200, text: "" });
  });

  it.each([
    ["{", { code: -32700, message: "Parse error" }, null],
    ['{"id":1,"method":"getHealth"}', { code: -32600, message: "Invalid request" }, 1],
    ["[]", { code: -32600, message: "Invalid request" }, null],
  ])("answers %s with an error", async (body, error, id) => {
    const { localnet } = await openLocalnet();
    expect(JSON.parse((await post(localnet.httpUrl, body)).text)).toEqual({ jsonrpc: "2.0", error, id });
  });

  it("refuses what is no request", async () => {
    const { localnet } = await openLocalnet();
    const url = localnet.httpUrl;
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect((await fetch(url)).status).toBe(405);
    expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(415);
    expect((await post(url, `"${"x".repeat(60_000)}"`)).status).toBe(413);
  });

  it("writes integers above 2^53 exactly", async () => {
    const { localnet, payer } = await openLocalnet();
    const { text } = await post(
      localnet.httpUrl,
      JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "getAccountInfo",
        params: [payer.address, { commitment: "processed", encoding: "base64" }],
      }),
    );
    expect(text).toContain('"rentEpoch":18446744073709551615,"space":0');
  });

  it("is reached by IPv6 as well, where there is IPv6", async () => {
    const { localnet } = await openLocalnet();
    const { port } = new URL(localnet.httpUrl);
    const answer = await call(`http://localhost:${port}`, "getHealth");
    expect(answer["result"]).toBe("ok");
  });

  it.each([
    [
      "getSlot",
      [{ commitment: "processed", minContextSlot: 99 }],
      -32016,
      "Minimum context slot has not been reached",
    ],
    ["getBlock", [99], -32004, "Block not available for slot 99"],
    [
      "getBlock",
      [0, { commitment: "processed" }],
      -32602,
      "Method does not support commitment below `confirmed`",
    ],
    ["getBlocks", [1, 500_002], -32602, "Slot range too large; max 500000"],
    [
      "getTransaction",
      [UNKNOWN_SIGNATURE, { commitment: "processed" }],
      -32602,
      "Method does not support commitment below `confirmed`",
    ],
    ["getTransaction", ["abc"], -32602, "Invalid param: WrongSize"],
    ["getTransaction", [], -32602, "`params` should have at least 1 argument(s)"],
    ["getSignaturesForAddress", [ADDRESS, { limit: 0 }], -32602, "Invalid limit; max 1000"],
    ["getSignaturesForAddress", [ADDRESS, { limit: 1001 }], -32602, "Invalid limit; max 1000"],
    [
      "getSignaturesForAddress",
      [ADDRESS, { before: UNKNOWN_SIGNATURE }],
      -32020,
      `Transaction ${UNKNOWN_SIGNATURE} not found`,
    ],
    [
      "getSignatureStatuses",
      [Array.from({ length: 257 }, () => UNKNOWN_SIGNATURE)],
      -32602,
      "Too many inputs provided; max 256",
    ],
    ["getAccountInfo", ["O0"], -32602, "Invalid param: Invalid"],
    ["getAccountInfo", [ADDRESS.slice(4)], -32602, "Invalid param: WrongSize"],
    ["getTokenSupply", [ADDRESS], -32602, "Invalid param: could not find account"],
    ["sendTransaction", ["!", { encoding: "base64" }], -32602, "invalid base64 encoding: InvalidByte"],
  ])(
    "%s, with parameters that a real node refuses, answers its error (%#)",
    async (method, params, code, message) => {
      const { localnet } = await openLocalnet();
      const answer = await call(localnet.httpUrl, method, params);
      expect(answer["error"]).toMatchObject({ code, message });
    },
  );

  it("answers null for an unknown transaction", async () => {
    const { localnet } = await openLocalnet();
    expect(await call(localnet.httpUrl, "getTransaction", [UNKNOWN_SIGNATURE])).toEqual({
      jsonrpc: "2.0",
      result: null,
      id: 1,
    });
  });

  it("serves a version 0 transaction only to clients that can read it", async () => {
    const { localnet, payer } = await openLocalnet({ confirmationSlots: 0 });
    const executed = localnet.engine.airdrop(payer.address, 1n);
    localnet.submit({ ...executed, version: 0 });
    localnet.advance();
    const error = { code: -32015, message: expect.stringContaining(V0_MESSAGE) };
    const confirmed = { commitment: "confirmed" };
    expect(await call(localnet.httpUrl, "getTransaction", [executed.signature, confirmed])).toMatchObject({
      error,
    });
    expect(await call(localnet.httpUrl, "getBlock", [2, confirmed])).toMatchObject({ error });
    const readable = { ...confirmed, maxSupportedTransactionVersion: 0 };
    expect(await call(localnet.httpUrl, "getBlock", [2, readable])).toMatchObject({
      result: { transactions: [{ version: 0 }] },
    });
  });

  it("says which blocks it has forgotten", async () => {
    const { localnet, advance } = await openLocalnet({ retainedSlots: 10 });
    advance(20);
    expect((await call(localnet.httpUrl, "getBlock", [3]))["error"]).toEqual({
      code: -32001,
      message: "Block 3 cleaned up, does not exist on node. First available block: 12",
    });
    expect((await call(localnet.httpUrl, "getFirstAvailableBlock"))["result"]).toBe(12);
  });
});
