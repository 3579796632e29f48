import { describe, expect, it } from "vitest";
import { silentLogger } from "@commcoin/service/telemetry";
import type { RpcTransport } from "@solana/kit";
import { createNodeRpc } from "../rpc/node-rpc.ts";
import { createThrottledLog } from "../support/throttled-log.ts";
import { createBlockOrder } from "./block-order.ts";
import { inChainOrder, isBefore, type Placed } from "./chain-place.ts";

const { signal } = new AbortController();
const at = (signature: string, slot: number, index: number | null = null): Placed => ({
  signature,
  slot,
  index,
});

/** A node with these blocks; one that is not there is refused. */
function nodeWith(blocks: Readonly<Record<number, string>>) {
  const asked: number[] = [];
  const transport: RpcTransport = <Response>({ payload }: { payload: unknown }) => {
    const [slot] = (payload as { params: [number] }).params;
    asked.push(slot);
    const signatures = blocks[slot]?.split("");
    const error = { code: -32_007, message: `Slot ${slot} was skipped` };
    const body = signatures === undefined ? { error } : { result: { signatures } };
    return Promise.resolve({ jsonrpc: "2.0", id: "1", ...body } as Response);
  };
  return { blocks: createBlockOrder(createNodeRpc(transport), createThrottledLog(silentLogger)), asked };
}

const sort = async (items: readonly Placed[], { blocks }: ReturnType<typeof nodeWith>): Promise<string> =>
  (await inChainOrder(items, blocks, signal)).map(({ signature }) => signature).join("");

describe("the order of a slot", () => {
  it("is that of the places that the node says, and nothing is asked", async () => {
    const node = nodeWith({});
    expect(await sort([at("c", 7, 9), at("a", 7, 1), at("b", 7, 4)], node)).toBe("abc");
    expect(node.asked).toEqual([]);
  });

  it("is asked for once where the node does not say places", async () => {
    const node = nodeWith({ 7: "xaybzc" });
    expect(await sort([at("c", 7), at("a", 7), at("b", 7, 3)], node)).toBe("abc");
    expect(await isBefore(at("b", 7), at("c", 7), node.blocks, signal)).toBe(true);
    expect(await isBefore(at("c", 7), at("b", 7), node.blocks, signal)).toBe(false);
    expect(node.asked).toEqual([7]);
  });

  it("is not asked for where a block has one transaction of ours", async () => {
    const node = nodeWith({ 7: "a", 8: "b" });
    expect(await sort([at("a", 7)], node)).toBe("a");
    expect(await sort([at("b", 8), at("a", 7)], node)).toBe("ab");
    expect(await isBefore(at("b", 8), at("a", 7), node.blocks, signal)).toBe(false);
    expect(node.asked).toEqual([]);
  });

  it("is that of arrival where no node tells, and it is asked again next time", async () => {
    const node = nodeWith({ 8: "ab" });
    expect(await sort([at("c", 7), at("a", 7)], node)).toBe("ca");
    expect(await sort([at("c", 7), at("a", 7)], node)).toBe("ca");
    expect(node.asked).toEqual([7, 7]);
    expect(await sort([at("c", 8), at("a", 8)], node)).toBe("ca");
    expect(await isBefore(at("c", 8), at("a", 8), node.blocks, signal)).toBe(false);
  });

  it("is forgotten for the oldest of many blocks", async () => {
    const blocks = Object.fromEntries(Array.from({ length: 70 }, (_, slot) => [slot, "ab"]));
    const node = nodeWith(blocks);
    for (let slot = 0; slot < 70; slot += 1) await sort([at("b", slot), at("a", slot)], node);
    await sort([at("b", 69), at("a", 69)], node);
    expect(node.asked).toHaveLength(70);
    await sort([at("b", 0), at("a", 0)], node);
    expect(node.asked).toHaveLength(71);
  });
});
