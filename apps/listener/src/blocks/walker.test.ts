import { createLogger } from "@commcoin/service/telemetry";
import type { RpcTransport } from "@solana/kit";
import { Registry } from "prom-client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createListenerMetrics } from "../metrics/listener-metrics.ts";
import { createNodeRpc } from "../rpc/node-rpc.ts";
import { rpcError } from "../testing/node-errors.ts";
import type { BlockRequest } from "./block-reader.ts";
import { createBlockWalker } from "./walker.ts";
import type { BlockResponse } from "./worker-messages.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Walks from slot 1 over slots 1 to 4, of which two nodes give all but the second. */
async function walkPastSecond(code: number) {
  const lines: string[] = [];
  const log = createLogger({
    name: "listener",
    level: "info",
    destination: { write: (line: string) => void lines.push(line) },
  });
  const registry = new Registry();
  const answer = (slot: number): BlockResponse => {
    if (slot === 2) throw rpcError(code);
    if (slot > 4) throw rpcError(-32_004, "not yet");
    const [parentSlot, blockhash] = [slot - 1, `hash of ${slot}`];
    return {
      result: { slot, parentSlot, blockhash, previousBlockhash: `hash of ${slot - 1}`, transactions: [] },
    };
  };
  let node = 0;
  const asked = [0, 0];
  const carry = (): RpcTransport => {
    const at = node++;
    return async <Response>({ payload }: { readonly payload: unknown }) => {
      const { slot } = (payload as { readonly wanted: BlockRequest }).wanted;
      if (slot === 2) asked[at] = (asked[at] ?? 0) + 1;
      return answer(slot) as Response;
    };
  };
  const nobody = createNodeRpc(() => Promise.reject(new Error("Nothing has to be listed.")));
  const listeners: ((slot: number) => void)[] = [];
  const walker = createBlockWalker({
    reader: { transport: carry, close: () => Promise.resolve() },
    nodes: {
      any: { live: nobody, catch_up: nobody, audit: nobody, finality: nobody },
      each: [],
      over: (open) => ["one", "other"].map((url) => open(url)),
    },
    pool: {
      slot: null,
      onSlot: (listener) => {
        listeners.push(listener);
        return () => void listeners.pop();
      },
    },
    log,
    throttledLog: log,
    metrics: createListenerMetrics(registry),
  });
  const given: number[] = [];
  const abort = new AbortController();
  const walking = walker.walk(
    {
      from: 1,
      kind: "live",
      addressesOf: () => [],
      onBlock: ({ slot }) => {
        given.push(slot);
        return Promise.resolve();
      },
    },
    abort.signal,
  );
  for (const slot of [1, 2, 3, 4]) {
    for (const announce of listeners) announce(slot);
    await vi.advanceTimersByTimeAsync(400);
  }
  const value = async (name: string): Promise<number | undefined> =>
    (await registry.getSingleMetric(`commcoin_listener_${name}`)?.get())?.values[0]?.value;
  return {
    given,
    asked,
    errors: () =>
      lines.map((line) => JSON.parse(line) as { level: string }).filter(({ level }) => level === "error"),
    lost: () => value("lost_blocks_total"),
    read: () => value("blocks_total"),
    stop: async (): Promise<number> => {
      abort.abort();
      await walking;
      return listeners.length;
    },
  };
}

const LOST = {
  level: "error",
  from_slot: 1,
  slot: 2,
  msg: expect.stringMatching(/^no node keeps the block that comes next: .* SOLANA_RPC_URL/),
};

it("a block that all nodes have cleaned up is lost: an error says so, it is counted, and the walk goes on", async () => {
  const { given, asked, errors, lost, read, stop } = await walkPastSecond(-32_001);
  expect([given, await lost(), await read()]).toEqual([[1, 3, 4], 1, 3]);
  expect(Math.min(...asked)).toBeGreaterThan(0);
  expect(errors()).toMatchObject([LOST]);
  expect(await stop()).toBe(0);
});

it("a block that no node gives is asked of each of them for a minute before it is lost", async () => {
  const { given, asked, errors, lost, stop } = await walkPastSecond(-32_007);
  await vi.advanceTimersByTimeAsync(58_000);
  expect([given, await lost(), errors()]).toEqual([[1], 0, []]);
  expect(Math.min(...asked)).toBeGreaterThan(20);
  await vi.advanceTimersByTimeAsync(5_000);
  expect([given, await lost()]).toEqual([[1, 3, 4], 1]);
  expect(errors()).toMatchObject([LOST]);
  await stop();
});
