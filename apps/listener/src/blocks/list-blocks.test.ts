import { expect, it } from "vitest";
import { createNodeRpc } from "../rpc/node-rpc.ts";
import { createBlockLister } from "./list-blocks.ts";

const signal = new AbortController().signal;
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n);

/** A node with blocks in these slots; one without any list does not answer. */
function node(slots: readonly number[] | null) {
  let asked = 0;
  const rpc = createNodeRpc(<Response>({ payload }: { payload: unknown }) => {
    asked += 1;
    if (slots === null) return Promise.reject(new Error("The node does not answer."));
    const { params } = payload as { readonly params: readonly [number, number] };
    const result = slots.filter((slot) => slot >= params[0] && slot <= params[1]);
    return Promise.resolve({ jsonrpc: "2.0", id: "1", result } as Response);
  });
  return { rpc, asked: () => asked };
}

it.each([
  ["is pruned", range(2_000, 2_100)],
  ["lacks some in the middle", [...range(1_901, 1_950), ...range(1_990, 2_100)]],
  ["has none of them", []],
])("blocks that one node does not list, because it %s, are listed by another one", async (_, kept) => {
  const [short, long, dead] = [node(kept), node(range(1, 2_100)), node(null)];
  const list = createBlockLister(
    short.rpc,
    [dead, short, long].map(({ rpc }) => rpc),
  );
  expect(await list(1_901, 2_100, signal)).toEqual(range(1_901, 2_100));
});

it("no other node is asked where leaders skipped some slots", async () => {
  const [one, other] = [node([...range(1, 40), ...range(61, 100)]), node(range(1, 100))];
  const list = createBlockLister(one.rpc, [one.rpc, other.rpc]);
  expect(await list(1, 100, signal)).toHaveLength(80);
  expect([one.asked(), other.asked()]).toEqual([1, 0]);
});

it("there is no list when no node answers", async () => {
  const dead = node(null).rpc;
  await expect(createBlockLister(dead, [dead, dead])(1, 9, signal)).rejects.toThrow("does not answer");
});
