import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import { startHttpNode } from "../testing/start-http-node.ts";
import { createBatchedTransport } from "./batched-transport.ts";
import { createPlainHttpTransport } from "./http-transport.ts";

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
  const transport = createBatchedTransport(createPlainHttpTransport(`http://${node}`), {
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
      { reason: { context: { statusCode: 503 } } },
    ]);
    failing = false;
    expect(await askMany(3, 4)).toEqual(results(3, 4));
    pass(30_000);
    expect(await askMany(5, 6)).toEqual(results(5, 6));
    expect(sizes()).toEqual([2, 0, 0, 2]);
    expect(refusals).toEqual([]);
  });

  it("take one error in their place for the answer to each", async () => {
    const limited = { jsonrpc: "2.0", error: { code: 429, message: "slow down" } };
    const { askMany, refusals } = await setUp((_, response) => json(response, limited));
    expect(await askMany(1, 2)).toEqual([limited, limited]);
    expect(refusals).toEqual([]);
  });

  it("reject only what they left without an answer", async () => {
    const { ask } = await setUp((body, response) =>
      json(response, [resultOf((body as readonly Call[])[1] as Call)]),
    );
    const [first, second] = await Promise.allSettled([ask(1), ask(2)]);
    expect(first).toMatchObject({ reason: { message: expect.stringContaining("without an answer") } });
    expect(second).toMatchObject({ value: resultOf({ id: 2, method: "" }) });
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
