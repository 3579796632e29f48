import { createRequire } from "node:module";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { createTransactionDecoder } from "../decode/decode-transaction.ts";
import { TOKEN_PROGRAM } from "../decode/programs/addresses.ts";
import { COMMCOIN } from "../testing/commcoin-market.ts";
import { startHttpNode } from "../testing/start-http-node.ts";
import { findTestData } from "../testing/test-data.ts";
import { createBlockReader, blockPayload } from "./block-reader.ts";
import { readBlock } from "./read-block.ts";
import type { BlockResponse } from "./worker-messages.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

const startNode = async (answer: RequestListener): Promise<string> =>
  `http://user:secret@${await startHttpNode(answer)}`;

function readFrom(url: string) {
  const reader = createBlockReader({ commcoinProgramId: COMMCOIN });
  cleanUps.push(() => reader.close());
  const transport = reader.transport(url);
  return (slot: number, addresses: readonly string[], signal = new AbortController().signal) =>
    transport<BlockResponse>({ payload: blockPayload({ slot, addresses }), signal });
}

const data = findTestData();
const SLOT = 254_170_887;
const PACKAGE = join(import.meta.dirname, "../..");

describe.skipIf(data === null)("a recorded block (COMMCOIN_TEST_DATA)", () => {
  const answerOf = (file: string): string => {
    const block = gunzipSync(readFileSync(join(data ?? "", "blocks", file))).toString("utf8");
    return `{"jsonrpc":"2.0","id":"1","result":${block}}`;
  };

  it("comes from the thread as it is read here: decoded, in order, only what was asked for", async () => {
    const text = answerOf("mainnet-64800004.json.json.gz");
    let asked: unknown = null;
    const url = await startNode((request, response) => {
      expect(request.headers.authorization).toBe(`Basic ${Buffer.from("user:secret").toString("base64")}`);
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        asked = JSON.parse(Buffer.concat(chunks).toString());
        response.end(text);
      });
    });
    const { result: json } = JSON.parse(text) as { result: unknown };
    const decode = createTransactionDecoder({ commcoinProgramId: COMMCOIN });
    const addresses = [COMMCOIN, TOKEN_PROGRAM];
    const expected = readBlock(json, SLOT, addresses, decode);
    expect(expected.transactions.length).toBeGreaterThan(5);
    const all = (json as { transactions: unknown[] }).transactions.map((each) =>
      decode(each, { slot: SLOT, blockTime: null }),
    );
    const mentioning = all.flatMap(({ accounts }, index) =>
      accounts.includes(TOKEN_PROGRAM) ? [index] : [],
    );
    expect(expected.transactions.map(({ index }) => index)).toEqual(mentioning);
    expect(expected.transactions.every(({ problem }) => problem === null)).toBe(true);
    expect(new Set(expected.transactions.map(({ address }) => address))).toEqual(new Set([TOKEN_PROGRAM]));

    const response = await readFrom(url)(SLOT, addresses);
    expect(response).toEqual({ result: expected });
    expect(asked).toEqual({
      jsonrpc: "2.0",
      id: String(SLOT),
      method: "getBlock",
      params: [
        SLOT,
        {
          encoding: "json",
          commitment: "confirmed",
          transactionDetails: "full",
          maxSupportedTransactionVersion: 1,
          rewards: false,
        },
      ],
    });
  });

  it("is read by the built thread as by the source", async () => {
    const folder = join(PACKAGE, "node_modules", `.built-${process.pid}`);
    cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
    await promisify(execFile)("npx", ["tsup", "--out-dir", folder], { cwd: PACKAGE });
    const text = answerOf("mainnet-64800004.json.json.gz");
    const url = await startNode((_, response) => response.end(text));
    const source = await readFrom(url)(SLOT, [TOKEN_PROGRAM]);
    // What it takes from other packages is not built in tests.
    const compiler = createRequire(import.meta.url)
      .resolve("tsx/esm/api")
      .replace(/\.cjs$/, ".mjs");
    const built = join(folder, "block-worker.js");
    const worker = new Worker(
      `import(${JSON.stringify(compiler)}).then(({ register }) => (register(), import(${JSON.stringify(built)})));`,
      {
        workerData: { commcoinProgramId: COMMCOIN },
        eval: true,
        execArgv: ["--conditions=@commcoin/source"],
      },
    );
    cleanUps.push(() => worker.terminate());
    const { wanted: _, ...payload } = blockPayload({ slot: SLOT, addresses: [] });
    const request = { id: 7, url, payload };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage({ ...request, slot: SLOT, addresses: [TOKEN_PROGRAM] });
    const [answer] = (await once(worker, "message")) as [unknown];
    expect(answer).toEqual({ id: 7, response: source });
  });
});

describe("the thread that reads blocks", () => {
  it("hands on what a node says instead of a block", async () => {
    const answers: readonly string[] = [
      '{"jsonrpc":"2.0","id":"1","error":{"code":-32007,"message":"Slot 1 was skipped"}}',
      '{"jsonrpc":"2.0","id":"1","result":null}',
      "not JSON",
      '{"jsonrpc":"2.0","id":"1","result":{"parentSlot":1}}',
    ];
    let turn = 0;
    const read = readFrom(
      await startNode((_, response) => {
        const text = answers[turn];
        turn += 1;
        if (text === undefined) response.writeHead(429, { "retry-after": "7" }).end("slow down");
        else response.end(text);
      }),
    );
    await expect(read(1, [])).rejects.toMatchObject({
      refusal: { code: -32_007, words: "Slot 1 was skipped" },
    });
    await expect(read(1, [])).resolves.toEqual({ result: null });
    await expect(read(1, [])).rejects.toThrow("not JSON-RPC: not JSON");
    await expect(read(1, [])).rejects.toThrow("block.transactions should be an array");
    await expect(read(1, [])).rejects.toMatchObject({
      refusal: { code: null, status: 429, words: "slow down", retryAfter: "7" },
    });
  });

  it("gives up a request that is aborted, and rejects everything when it is closed", async () => {
    const url = await startNode(() => {});
    const reader = createBlockReader({ commcoinProgramId: COMMCOIN });
    const send = (signal: AbortSignal) =>
      reader.transport(url)({ payload: blockPayload({ slot: 1, addresses: [] }), signal });
    const abort = new AbortController();
    const given = send(abort.signal);
    const left = send(new AbortController().signal);
    abort.abort();
    await expect(given).rejects.toThrow("aborted");
    await reader.close();
    await expect(left).rejects.toThrow("ended");
  });
});
