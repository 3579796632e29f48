import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import { startHttpNode } from "../testing/start-http-node.ts";
import { createBatchedTransport } from "./batched-transport.ts";
import { createHttpTransport } from "./http-transport.ts";
import { RequestTimeout } from "./with-timeout.ts";

interface Call {
  readonly id: number;
  readonly method: string;
}
type Body = Call | readonly Call[];

const resultOf = ({ id }: Call) => ({ jsonrpc: "2.0", id, result: `result of ${id}` });
const json = (response: ServerResponse, value: unknown): void => void response.end(JSON.stringify(value));
const answerAll = (body: Body, response: ServerResponse): void =>
  json(response, Array.isArray(body) ? body.map(resultOf).reverse() : resultOf(body as Call));

async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as Body;
}

/** A node that answers with `answer`, asked through batches, on a clock of its own. */
async function setUp(answer: (body: Body, response: ServerResponse) => void = answerAll) {
  const bodies: Body[] = [];
  const refusals: string[] = [];
  const node = await startHttpNode((request, response) => {
    void readBody(request).then((body) => {
      bodies.push(body);
      answer(body, response);
    });
  });
  let now = 0;
  const transport = createBatchedTransport(createHttpTransport(`http://${node}`), {
    onRefused: (reason) => refusals.push(reason),
    now: () => now,
  });
  const ask = (
    id: number,
    { method = "getTransaction", signal }: { method?: string; signal?: AbortSignal } = {},
  ) =>
    transport<unknown>({
      payload: { jsonrpc: "2.0", id, method, params: [] },
      ...(signal !== undefined && { signal }),
    });
  return {
    ask,
    askMany: (...ids: readonly number[]) => Promise.all(ids.map((id) => ask(id))),
    bodies,
    refusals,
    pass: (ms: number) => void (now += ms),
    /** How many requests each HTTP request carried; 0 for one that is no list. */
    sizes: () => bodies.map((body) => (Array.isArray(body) ? body.length : 0)),
  };
}

const results = (...ids: readonly number[]) => ids.map((id) => resultOf({ id, method: "" }));

describe("batches of requests", () => {
  it("carry what is asked for at the same time, and bring each its own answer", async () => {
    const { ask, askMany, sizes } = await setUp((body, response) => {
      const failed = { jsonrpc: "2.0", id: 2, error: { code: -32_005, message: "behind" } };
      if (Array.isArray(body)) json(response, [resultOf(body[2] as Call), failed, resultOf(body[0] as Call)]);
      else answerAll(body, response);
    });
    const [first, second, third] = await askMany(1, 2, 3);
    expect([first, third]).toEqual(results(1, 3));
    expect(second).toMatchObject({ error: { code: -32_005 } });
    await ask(4);
    expect(sizes()).toEqual([3, 0]);
  });

  it("are bounded, and leave out what is not asked for in bursts", async () => {
    const { ask, askMany, sizes } = await setUp();
    const ids = Array.from({ length: 41 }, (_, id) => id);
    expect(await askMany(...ids)).toEqual(results(...ids));
    expect(sizes().toSorted((a, b) => b - a)).toEqual([20, 20, 0]);
    await Promise.all([ask(50, { method: "getBlock" }), ask(51, { method: "getBlock" })]);
    expect(sizes().slice(3)).toEqual([0, 0]);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ["HTTP 400", (response) => void response.writeHead(400).end("no batches")],
    ["HTTP 413", (response) => void response.writeHead(413).end()],
    ["error -32600", (response) => json(response, { jsonrpc: "2.0", id: null, error: { code: -32_600 } })],
    ["no list", (response) => json(response, { jsonrpc: "2.0", id: 1, result: null })],
  ])("are not sent again to a node that refuses them with %s", async (reason, refuse) => {
    const { askMany, sizes, refusals, pass } = await setUp((body, response) => {
      if (Array.isArray(body)) refuse(response);
      else answerAll(body, response);
    });
    expect(await askMany(1, 2, 3)).toEqual(results(1, 2, 3));
    pass(3_600_000);
    expect(await askMany(4, 5)).toEqual(results(4, 5));
    expect(sizes()).toEqual([3, 0, 0, 0, 0, 0]);
    expect(refusals).toEqual([expect.stringContaining(reason)]);
  });

  it("fail as a whole for each of their requests, which are not put together again for a while", async () => {
    let failing = true;
    const { askMany, sizes, pass, refusals } = await setUp((body, response) => {
      if (failing) response.writeHead(503).end();
      else answerAll(body, response);
    });
    await expect(Promise.allSettled([askMany(1, 2)])).resolves.toMatchObject([
      { reason: { refusal: { status: 503 } } },
    ]);
    failing = false;
    expect(await askMany(3, 4)).toEqual(results(3, 4));
    pass(30_000);
    expect(await askMany(5, 6)).toEqual(results(5, 6));
    expect(sizes()).toEqual([2, 0, 0, 2]);
    expect(refusals).toEqual([]);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ["HTTP 403", (response) => void response.writeHead(403).end()],
    ["error -32600", (response) => json(response, { jsonrpc: "2.0", id: null, error: { code: -32_600 } })],
  ])("are sent again later to a node that answered all requests with %s", async (_, refuse) => {
    let wrongKey = true;
    const { ask, askMany, sizes, pass, refusals } = await setUp((body, response) => {
      if (wrongKey) refuse(response);
      else answerAll(body, response);
    });
    await Promise.allSettled([ask(1), ask(2)]);
    wrongKey = false;
    expect(await askMany(3, 4)).toEqual(results(3, 4));
    pass(30_000);
    expect(await askMany(5, 6)).toEqual(results(5, 6));
    expect(sizes()).toEqual([2, 0, 0, 0, 0, 2]);
    expect(refusals).toEqual([]);
  });

  it.each<[string, (response: ServerResponse) => void, object]>([
    [
      "HTTP 429",
      (response) => void response.writeHead(429, { "retry-after": "7" }).end(),
      { status: "rejected", reason: { refusal: { status: 429, retryAfter: "7" } } },
    ],
    [
      "error 429",
      (response) => json(response, { jsonrpc: "2.0", error: { code: 429 } }),
      { status: "fulfilled", value: { error: { code: 429 } } },
    ],
  ])("are half as large for a while after %s, which is told to each", async (_, limit, told) => {
    let limited = true;
    const { ask, askMany, sizes, pass } = await setUp((body, response) => {
      if (limited) limit(response);
      else answerAll(body, response);
    });
    const ids = Array.from({ length: 20 }, (__, id) => id);
    expect(await Promise.allSettled(ids.map((id) => ask(id)))).toMatchObject(ids.map(() => told));
    limited = false;
    expect(await askMany(...ids)).toEqual(results(...ids));
    pass(30_000);
    expect(await askMany(...ids)).toEqual(results(...ids));
    expect(sizes()).toEqual([20, 10, 10, 20]);
  });

  it("bring each its own answer also among null, foreign, repeated and failed ones", async () => {
    const { ask, askMany, sizes, pass } = await setUp((body, response) => {
      if (!Array.isArray(body)) return answerAll(body, response);
      const [first, ...others] = (body as readonly Call[]).map(resultOf);
      const unreadable = { jsonrpc: "2.0", id: null, error: { code: -32_600 } };
      json(response, [null, 5, first, first, { ...first, id: 99 }, unreadable, ...others.slice(1)]);
    });
    const outcomes = await Promise.allSettled([ask(1), ask(2), ask(3)]);
    expect(outcomes).toMatchObject([
      { value: results(1)[0] },
      { reason: { message: expect.stringContaining("without an answer") } },
      { value: results(3)[0] },
    ]);
    // Whatever the node does not answer in a batch is asked for by itself when it is sent again.
    expect(await askMany(2, 4)).toEqual(results(2, 4));
    pass(30_000);
    await Promise.allSettled([ask(5), ask(6)]);
    expect(sizes()).toEqual([3, 0, 0, 2]);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ["in the middle", (response) => void response.end('[{"jsonrpc":"2.0","id":1,"result"')],
    [
      "with the connection",
      (response) => {
        response.writeHead(200, { "content-length": "100" }).write("[");
        response.destroy();
      },
    ],
  ])("whose answer is cut off %s fail, and leave the way free for what is asked next", async (_, cut) => {
    const { ask, askMany, refusals } = await setUp((body, response) => {
      if (Array.isArray(body)) cut(response);
      else answerAll(body, response);
    });
    const outcomes = await Promise.allSettled([ask(1), ask(2)]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await askMany(1, 2)).toEqual(results(1, 2));
    expect(refusals).toEqual([]);
  });

  it.each([
    ["on purpose are followed by others", new Error("not wanted"), [2, 2]],
    ["for want of time are not, for a while", new RequestTimeout(1), [2, 0, 0]],
  ])("that are given up %s", async (_, reason, expected) => {
    const held: ServerResponse[] = [];
    const { ask, askMany, sizes } = await setUp((body, response) => {
      if (held.length > 0) answerAll(body, response);
      else held.push(response);
    });
    const stop = new AbortController();
    const given = Promise.allSettled([ask(1, { signal: stop.signal }), ask(2, { signal: stop.signal })]);
    await eventually(() => expect(held).toHaveLength(1));
    const closed = once(held[0] as ServerResponse, "close");
    stop.abort(reason);
    await closed;
    expect(await given).toMatchObject([{ reason }, { reason }]);
    expect(await askMany(3, 4)).toEqual(results(3, 4));
    expect(sizes()).toEqual(expected);
  });

  it("take one error in their place for the answer to each", async () => {
    const behind = { jsonrpc: "2.0", error: { code: -32_005, message: "behind" } };
    const { askMany, refusals, sizes } = await setUp((_, response) => json(response, behind));
    expect(await askMany(1, 2)).toEqual([behind, behind]);
    expect(await askMany(1, 2)).toEqual([behind, behind]);
    expect(sizes()).toEqual([2, 2]);
    expect(refusals).toEqual([]);
  });

  it("go on for the others when one is given up, and end when all are", async () => {
    const held: ServerResponse[] = [];
    const { ask, bodies } = await setUp((body, response) => {
      held.push(response);
      if (held.length === 2) answerAll(bodies[0] as Body, held[0] as ServerResponse);
      else if (Array.isArray(body)) response.write(" ");
    });
    const one = new AbortController();
    const given = ask(1, { signal: one.signal });
    const kept = ask(2);
    await eventually(() => expect(held).toHaveLength(1));
    one.abort(new Error("not wanted"));
    await expect(given).rejects.toThrow("not wanted");
    void ask(3).catch(() => {});
    await expect(kept).resolves.toEqual(resultOf({ id: 2, method: "" }));
  });

  it("end with the last of their requests that is wanted", async () => {
    const held: ServerResponse[] = [];
    const { ask } = await setUp((_, response) => void held.push(response));
    const both = new AbortController();
    const asked = Promise.allSettled([ask(1, { signal: both.signal }), ask(2, { signal: both.signal })]);
    await eventually(() => expect(held).toHaveLength(1));
    const closed = once(held[0] as ServerResponse, "close");
    both.abort(new Error("not wanted"));
    await closed;
    expect((await asked).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });
});
