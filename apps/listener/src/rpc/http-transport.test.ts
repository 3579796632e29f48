import type { RequestListener } from "node:http";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { startHttpNode } from "../testing/start-http-node.ts";
import { connectNodes } from "./connect-rpc.ts";

const ok: RequestListener = (_, response) => response.end('{"jsonrpc":"2.0","id":"1","result":42}');

function connect(...urls: readonly string[]) {
  const outcomes: string[] = [];
  const report = (method: string, outcome: string): void => {
    outcomes.push(`${method} ${outcome}`);
  };
  return {
    rpc: connectNodes({
      urls,
      concurrency: 4,
      perSecond: 0,
      onDelay: () => {},
      timeoutMs: 1_000,
      onBatchesRefused: () => {},
      report,
    }).any.live,
    outcomes,
  };
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
    expect(outcomes).toEqual(["getSlot failed", "getSlot ok"]);
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
      context: { __code: -32_602 },
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

  it("uses a connection again, also after an error of HTTP, and another one when it was closed", async () => {
    const sockets: Socket[] = [];
    let requests = 0;
    const node = await startHttpNode((request, response) => {
      sockets.push(request.socket);
      requests += 1;
      if (requests === 1) response.writeHead(503).end("later");
      else ok(request, response);
    });
    const { rpc, outcomes } = connect(`http://${node}`);
    await expect(rpc.getSlot({ commitment: "confirmed" }).send()).resolves.toBe(42);
    await expect(rpc.getSlot({ commitment: "confirmed" }).send()).resolves.toBe(42);
    expect(new Set(sockets).size).toBe(1);
    for (const socket of sockets) socket.destroy();
    await expect(rpc.getSlot({ commitment: "confirmed" }).send()).resolves.toBe(42);
    expect(new Set(sockets).size).toBe(2);
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
});
