import type { RpcTransport } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { createNodeRpc } from "../rpc/node-rpc.ts";
import { listSignatures } from "./list-signatures.ts";

interface Query {
  readonly params: readonly [string, { limit: number; before?: string; minContextSlot: number }];
}

/** A node whose history holds these slots, one transaction each, the newest first. */
function node(slots: readonly number[], pageSize: number, unknownCursors = 0) {
  let unknown = unknownCursors;
  const history = slots.map((slot, index) => ({ signature: `s${index}`, slot, err: null }));
  const queries: Query["params"][1][] = [];
  const transport: RpcTransport = <Response>({ payload }: { payload: unknown }) => {
    const [, config] = (payload as Query).params;
    queries.push(config);
    if (config.before !== undefined && unknown > 0) {
      unknown -= 1;
      const error = { code: -32_020, message: `Transaction ${config.before} not found` };
      return Promise.resolve({ jsonrpc: "2.0", id: "1", error } as Response);
    }
    const start =
      config.before === undefined ? 0 : history.findIndex((entry) => entry.signature === config.before) + 1;
    const result = history.slice(start, start + pageSize);
    return Promise.resolve({ jsonrpc: "2.0", id: "1", result } as Response);
  };
  return { rpc: createNodeRpc(transport), queries };
}

const query = { address: "a", largeGap: 100, signal: new AbortController().signal };

describe("listing the transactions of an address", () => {
  it("goes back to the slot, takes all of it, and tells the oldest first", async () => {
    const { rpc, queries } = node([9, 8, 8, 7, 5, 5, 4, 3], 3);
    const { entries, gap } = await listSignatures(rpc, { ...query, fromSlot: 5 });
    expect(entries.map(({ slot }) => slot)).toEqual([5, 5, 7, 8, 8, 9]);
    expect(entries.map(({ signature }) => signature)).toEqual(["s5", "s4", "s3", "s2", "s1", "s0"]);
    expect(gap).toBeNull();
    expect(queries.map(({ before }) => before)).toEqual([undefined, "s2", "s5"]);
    expect(queries.every(({ minContextSlot }) => minContextSlot === 5)).toBe(true);
  });

  it("takes only an empty page for the end of the history", async () => {
    const { rpc, queries } = node([9, 8], 3);
    const { entries, gap } = await listSignatures(rpc, { ...query, fromSlot: 0 });
    expect(entries).toHaveLength(2);
    expect(gap).toBeNull();
    expect(queries).toHaveLength(2);
  });

  it("leaves it to whole blocks when there are too many, and more than one in a slot", async () => {
    const crowded = node([9, 9, 9, 8, 8, 7, 6, 5], 2);
    const listed = await listSignatures(crowded.rpc, { ...query, fromSlot: 5, largeGap: 3 });
    expect(listed).toEqual({ entries: [], gap: { from: 5, to: 9 } });
    expect(crowded.queries).toHaveLength(2);
    const sparse = node([90, 70, 50, 30, 10], 2);
    const { entries, gap } = await listSignatures(sparse.rpc, { ...query, fromSlot: 10, largeGap: 3 });
    expect([entries.length, gap]).toEqual([5, null]);
  });

  it("begins anew when a node does not know the last signature of a page", async () => {
    const { rpc, queries } = node([9, 8, 7, 6], 2, 1);
    const { entries, gap } = await listSignatures(rpc, { ...query, fromSlot: 7, minContextSlot: 9 });
    expect(entries.map(({ slot }) => slot)).toEqual([7, 8, 9]);
    expect(gap).toBeNull();
    expect(queries.map(({ before }) => before)).toEqual(
      [undefined, "s1", undefined, "s1", "s3"].slice(0, queries.length),
    );
    expect(queries.every(({ minContextSlot }) => minContextSlot === 9)).toBe(true);
  });

  it("gives up when no node of a pool agrees with another", async () => {
    const { rpc } = node([9, 8, 7, 6], 2, 9);
    await expect(listSignatures(rpc, { ...query, fromSlot: 7 })).rejects.toMatchObject({
      refusal: { code: -32_020 },
    });
  });
});
