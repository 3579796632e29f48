import type { RequestListener } from "node:http";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import { createTransactionDecoder } from "../decode/decode-transaction.ts";
import { COMMCOIN } from "../testing/commcoin-market.ts";
import { startHttpNode } from "../testing/start-http-node.ts";
import { createHttpTransport } from "./http-transport.ts";
import { connectNodes } from "./connect-rpc.ts";

const ok: RequestListener = (_, response) => response.end('{"jsonrpc":"2.0","id":"1","result":42}');

function connect(...urls: readonly string[]) {
  const outcomes: string[] = [];
  const request = () => (method: string, outcome: string) => void outcomes.push(`${method} ${outcome}`);
  const { any, each } = connectNodes({
    urls,
    concurrency: 4,
    perSecond: 0,
    onDelay: () => {},
    timeoutMs: 1_000,
    onBatchesRefused: () => {},
    decode: createTransactionDecoder({ commcoinProgramId: COMMCOIN }),
    reports: { request },
  });
  return { rpc: any.live, each, outcomes };
}

describe("RPC over HTTP", () => {
  it("waits as long as a rate limit says", async () => {
    const times: number[] = [];
    const node = await startHttpNode((request, response) => {
      times.push(performance.now());
      if (times.length > 1) ok(request, response);
      else response.writeHead(429, { "retry-after": "1" }).end("slow down");
    });
    const { rpc, outcomes } = connect(`http://${node}`);
    await expect(rpc.getSlot({ commitment: "confirmed" }).send()).resolves.toBe(42);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(999);
    expect(outcomes).toEqual(["getSlot rate_limited", "getSlot ok"]);
  });

  it("goes to the next node when one answers with a page instead of JSON", async () => {
    const bad = await startHttpNode((_, response) => response.end("<html>maintenance</html>"));
    const good = await startHttpNode(ok);
    const { rpc, outcomes } = connect(`http://${bad}`, `http://${good}`);
    await expect(rpc.getSlot({ commitment: "confirmed" }).send()).resolves.toBe(42);
    expect(outcomes).toEqual(["getSlot malformed", "getSlot ok"]);
  });

  it.each([["text"], [-1], [{}], [null]])(
    "goes to the next node when one answers with %j for a slot",
    async (result) => {
      const bad = await startHttpNode((_, response) =>
        response.end(JSON.stringify({ jsonrpc: "2.0", id: "1", result })),
      );
      const good = await startHttpNode(ok);
      const { rpc, outcomes } = connect(`http://${bad}`, `http://${good}`);
      await expect(rpc.getSlot({ commitment: "confirmed" }).send()).resolves.toBe(42);
      expect(outcomes).toEqual(["getSlot malformed", "getSlot ok"]);
    },
  );

  it("waits for the node that can be asked first", async () => {
    const limited = await startHttpNode((_, response) =>
      response.writeHead(429, { "retry-after": "20" }).end(),
    );
    let asked = 0;
    const shaky = await startHttpNode((request, response) => {
      asked += 1;
      if (asked === 1) response.writeHead(503).end();
      else ok(request, response);
    });
    for (const urls of [
      [limited, shaky],
      [shaky, limited],
    ]) {
      asked = 0;
      const { rpc } = connect(...urls.map((node) => `http://${node}`));
      await expect(rpc.getSlot({ commitment: "confirmed" }).send()).resolves.toBe(42);
    }
  });

  it("goes to the next node when one does not answer in time", async () => {
    const silent = await startHttpNode(() => {});
    const good = await startHttpNode(ok);
    const { rpc } = connect(`http://${silent}`, `http://${good}`);
    await expect(rpc.getSlot({ commitment: "confirmed" }).send()).resolves.toBe(42);
  });

  it("goes to the next node when one is behind", async () => {
    const behind = await startHttpNode((_, response) =>
      response.end(
        '{"jsonrpc":"2.0","id":"1","error":{"code":-32005,"message":"Node is behind by 9 slots"}}',
      ),
    );
    const good = await startHttpNode(ok);
    const { rpc } = connect(`http://${behind}`, `http://${good}`);
    await expect(rpc.getSlot({ commitment: "confirmed" }).send()).resolves.toBe(42);
  });

  it("throws the node's error when the request is wrong", async () => {
    const node = await startHttpNode((_, response) =>
      response.end('{"jsonrpc":"2.0","id":"1","error":{"code":-32602,"message":"Invalid param"}}'),
    );
    const { rpc } = connect(`http://${node}`);
    await expect(rpc.getSlot({ commitment: "confirmed" }).send()).rejects.toMatchObject({
      refusal: { code: -32_602, words: "Invalid param" },
    });
  });

  it("sends credentials of the address as a header", async () => {
    const seen: unknown[] = [];
    const node = await startHttpNode((request, response) => {
      seen.push(request.headers.authorization);
      ok(request, response);
    });
    const { rpc } = connect(`http://me:p%40ss@${node}`);
    await rpc.getSlot({ commitment: "confirmed" }).send();
    expect(seen).toEqual([`Basic ${Buffer.from("me:p@ss").toString("base64")}`]);
  });

  it("reads an answer that is compressed", async () => {
    const node = await startHttpNode((request, response) => {
      expect(request.headers["accept-encoding"]).toBe("gzip");
      response.writeHead(200, { "content-encoding": "gzip" });
      response.end(gzipSync('{"jsonrpc":"2.0","id":"1","result":42}'));
    });
    const { rpc } = connect(`http://${node}`);
    await expect(rpc.getSlot({ commitment: "confirmed" }).send()).resolves.toBe(42);
  });

  it("uses connections again, also after an error of HTTP, and others when they were closed", async () => {
    const sockets: Socket[] = [];
    let requests = 0;
    const node = await startHttpNode((request, response) => {
      sockets.push(request.socket);
      requests += 1;
      if (requests === 1) response.writeHead(503).end("later");
      else ok(request, response);
    });
    const { rpc, outcomes } = connect(`http://${node}`);
    const ask = () => rpc.getSlot({ commitment: "confirmed" }).send();
    for (let n = 0; n < 10; n += 1) await expect(ask()).resolves.toBe(42);
    const before = new Set(sockets);
    // The pool opens a second one where it is asked before it has taken the first one back.
    expect(before.size).toBeLessThanOrEqual(2);
    for (const socket of before) socket.destroy();
    await expect(ask()).resolves.toBe(42);
    expect(before).not.toContain(sockets.at(-1));
    expect(outcomes[0]).toBe("getSlot http_error");
  });

  it("goes to the next node when one hangs up in the middle of its answer", async () => {
    const bad = await startHttpNode((_, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write('{"jsonrpc"', () => response.destroy());
    });
    const good = await startHttpNode(ok);
    const { rpc, outcomes } = connect(`http://${bad}`, `http://${good}`);
    await expect(rpc.getSlot({ commitment: "confirmed" }).send()).resolves.toBe(42);
    expect(outcomes).toEqual(["getSlot failed", "getSlot ok"]);
  });

  it("stops at once when the caller gives up", async () => {
    const node = await startHttpNode(() => {});
    const { rpc, outcomes } = connect(`http://${node}`);
    const abort = new AbortController();
    const pending = rpc.getSlot({ commitment: "confirmed" }).send({ abortSignal: abort.signal });
    abort.abort(new Error("not wanted"));
    await expect(pending).rejects.toThrow("not wanted");
    expect(outcomes).toEqual([]);
  });

  it.each<[string, RequestListener]>([
    ["that never ends", (_, response) => void response.writeHead(503).write("busy")],
    [
      "of any length",
      (_, response) => {
        const more = (): void => void response.write("x".repeat(16_384), () => setImmediate(more));
        response.on("error", () => {});
        response.writeHead(503);
        more();
      },
    ],
    [
      "that inflates to gigabytes",
      (_, response) =>
        response.writeHead(503, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(50_000_000))),
    ],
  ])("reads no more than the beginning of an error %s, and lets the connection go", async (_, refuse) => {
    const sockets: Socket[] = [];
    const bad = await startHttpNode((request, response) => {
      sockets.push(request.socket);
      refuse(request, response);
    });
    const good = await startHttpNode(ok);
    const { rpc, outcomes } = connect(`http://${bad}`, `http://${good}`);
    await expect(rpc.getSlot({ commitment: "confirmed" }).send()).resolves.toBe(42);
    expect(outcomes).toEqual(["getSlot http_error", "getSlot ok"]);
    await eventually(() => expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true]));
  });

  it("gives up an answer that inflates beyond every bound", async () => {
    const bomb = gzipSync(Buffer.alloc(135_000_000));
    const bad = await startHttpNode((_, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(bomb),
    );
    await expect(createHttpTransport(`http://${bad}`)({ payload: {} })).rejects.toThrow("more than");
  });

  it.each([
    ["HTTP 403: app inactive", 403, "app inactive"],
    ["HTTP 403: Forbidden", 403, ""],
    ["HTTP 400 and error -32602: daily quota", 400, '{"error":{"code":-32602,"message":"daily quota"}}'],
    ["HTTP 503: Be right back", 503, "<html><head><title>Be right back</title></head><body>x</body></html>"],
    ["not JSON-RPC: upstream busy", 200, "upstream busy"],
    ["not JSON-RPC: no such key ***", 200, '{"message":"no such key abcdefgh1234"}'],
    ["error -32029: too many requests", 200, '{"error":{"code":-32029,"message":"too many requests"}}'],
    [
      "error -32003: daily request",
      200,
      '{"error":{"code":-32003,"message":"daily request count exceeded"}}',
    ],
    ["not JSON-RPC", 200, ""],
    ["not JSON-RPC", 200, "[]"],
  ])("tells the node's own code and words: %s", async (told, status, body) => {
    const node = await startHttpNode((_, response) => response.writeHead(status).end(body));
    const { each } = connect(`http://${node}/abcdefgh1234`);
    await expect(each[0]?.getSlot({ commitment: "confirmed" }).send()).rejects.toThrow(told);
  });
});
