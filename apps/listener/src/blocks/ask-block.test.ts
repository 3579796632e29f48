import type { RpcTransport } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { httpError, rpcError } from "../testing/node-errors.ts";
import { createBlockAsker } from "./ask-block.ts";
import { RequestTimeout } from "../rpc/with-timeout.ts";
import type { ReadBlock } from "./read-block.ts";
import type { BlockResponse } from "./worker-messages.ts";

const block: ReadBlock = {
  slot: 7,
  parentSlot: 6,
  blockhash: "hash of 7",
  previousBlockhash: "hash of 6",
  transactions: [],
};
const says = (code: number, words?: string): Error => rpcError(code, words);
const CLEANED_UP = says(-32_001);
const SKIPPED = says(-32_007);
const down = new TypeError("fetch failed");

/** Nodes with their answers in turn, the last one for ever: an Error is thrown. */
function setUp(...nodes: readonly (readonly (BlockResponse | Error)[])[]) {
  const asked: number[] = [];
  const waits: number[] = [];
  const warnings: unknown[] = [];
  const abort = new AbortController();
  const transports = nodes.map((answers, node): RpcTransport => {
    let turn = 0;
    return <Response>() => {
      asked.push(node);
      const answer = answers[Math.min(turn, answers.length - 1)];
      turn += 1;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as Response);
    };
  });
  const ask = createBlockAsker(transports, { warn: (fields) => void warnings.push(fields) }, (ms) => {
    waits.push(ms);
    if (waits.length === 40) abort.abort();
    return Promise.resolve();
  });
  return {
    ask: (turn = 0) => ask({ slot: 7, addresses: [] }, turn, abort.signal),
    asked,
    waits,
    warnings,
    abort,
  };
}

describe("asking nodes for a block", () => {
  it("stays with the node that gave the last one", async () => {
    const { ask, asked } = setUp([CLEANED_UP], [{ result: block }]);
    expect(await ask()).toEqual({ kind: "block", block });
    expect(await ask()).toEqual({ kind: "block", block });
    expect(asked).toEqual([0, 1, 1]);
  });

  it.each([
    [-32_004, "not_yet"],
    [-32_014, "not_yet"],
    [-32_016, "not_yet"],
    [-32_007, "skipped"],
    [-32_009, "skipped"],
  ])("takes the word of one node for %i: %s", async (code, kind) => {
    const { ask, asked } = setUp([says(code)], [{ result: block }]);
    expect(await ask()).toEqual({ kind });
    expect(asked).toEqual([0]);
  });

  it.each([
    [-32_007, "15/second request limit reached - reduce calls per second"],
    [-32_004, "rate limit exceeded"],
    [-32_602, "app inactive"],
    [-32_015, "Transaction version (1) is not supported"],
  ])("takes %i, %s, for the trouble of that node", async (code, words) => {
    const { ask, asked } = setUp([says(code, words)], [{ result: block }]);
    expect(await ask()).toEqual({ kind: "block", block });
    expect(asked).toEqual([0, 1]);
  });

  it("takes null for a block that is not there yet", async () => {
    expect(await setUp([{ result: null }]).ask()).toEqual({ kind: "not_yet" });
  });

  it("asks another node each time that it is asked for the same slot", async () => {
    const { ask, asked } = setUp([SKIPPED], [SKIPPED], [{ result: block }]);
    expect([await ask(0), await ask(1), await ask(2)]).toEqual([
      { kind: "skipped" },
      { kind: "skipped" },
      { kind: "block", block },
    ]);
    expect(asked).toEqual([0, 1, 2]);
  });

  it("calls a block gone only when every node has cleaned it up", async () => {
    const all = setUp([CLEANED_UP], [says(-32_011)], [CLEANED_UP]);
    expect(await all.ask()).toEqual({ kind: "gone" });
    expect(all.asked).toEqual([0, 1, 2]);
    expect(all.waits).toEqual([]);
    const one = setUp([CLEANED_UP], [down, down, { result: block }]);
    expect(await one.ask()).toEqual({ kind: "block", block });
  });

  it("asks nodes in trouble again, all of them before each pause, later each time, and says so", async () => {
    const { ask, asked, waits, warnings } = setUp([down, down, { result: block }], [down]);
    expect(await ask()).toEqual({ kind: "block", block });
    expect(asked).toEqual([0, 1, 0, 1, 0]);
    expect(waits).toHaveLength(2);
    expect(warnings[0]).toEqual({ retry_in_ms: waits[0], error: expect.stringContaining("fetch failed") });
  });

  it("leaves a node that did not answer in time alone while another one can be asked", async () => {
    const { ask, asked } = setUp([new RequestTimeout(5)], [{ result: null }, CLEANED_UP]);
    expect(await ask()).toEqual({ kind: "not_yet" });
    asked.length = 0;
    expect(await ask()).toEqual({ kind: "aborted" });
    // The other one has no such block: only then is it asked again.
    expect(asked.slice(0, 2)).toEqual([1, 0]);
  });

  it("pauses for as long as a rate limit says, but not for hours, and never longer than that and its own pause", async () => {
    const limited = (seconds: string): Error => httpError(429, seconds);
    const { ask, waits } = setUp([limited("3"), limited("86400"), { result: block }]);
    await ask();
    expect(waits[0]).toBeGreaterThanOrEqual(3_200);
    expect(waits[1]).toBeGreaterThanOrEqual(30_200);
    expect(waits[1]).toBeLessThanOrEqual(40_000);
  });

  it("goes on for as long as nobody says anything, and ends when it is told to", async () => {
    const { ask, waits } = setUp([down], [says(-32_005)]);
    expect(await ask()).toEqual({ kind: "aborted" });
    expect(waits).toHaveLength(40);
    expect(Math.max(...waits)).toBeLessThanOrEqual(10_000);
  });
});
