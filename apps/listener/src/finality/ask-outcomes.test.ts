import { describe, expect, it } from "vitest";
import { createNodeRpc } from "../rpc/node-rpc.ts";
import { askOutcomes } from "./ask-outcomes.ts";

interface Chain {
  readonly finalSlots: readonly number[];
  /** By slot; the node does not give other blocks. */
  readonly parents?: Readonly<Record<number, number>>;
  readonly statuses: Readonly<Record<string, object>>;
}

/** A node that knows a few blocks and transactions. */
const node = ({ finalSlots, parents = {}, statuses }: Chain) =>
  createNodeRpc(<Response>({ payload }: { payload: unknown }) => {
    const { method, params } = payload as { method: string; params: readonly [never, never] };
    const answers: Record<string, () => object> = {
      getBlocks: () => ({ result: finalSlots.filter((slot) => slot >= params[0] && slot <= params[1]) }),
      getBlock() {
        const parentSlot = parents[params[0]];
        const error = { code: -32_001, message: "cleaned up" };
        return parentSlot === undefined ? { error } : { result: { parentSlot } };
      },
      getSignatureStatuses: () => ({
        result: { value: (params[0] as readonly string[]).map((signature) => statuses[signature] ?? null) },
      }),
    };
    return Promise.resolve({ jsonrpc: "2.0", id: "1", ...answers[method]?.() } as Response);
  });

const ask = async (chains: readonly Chain[]) =>
  (await askOutcomes(chains.map(node), [{ signature: "s", slot: 7 }], new AbortController().signal)).get("s");

const moved = (err: unknown) => ({ s: { slot: 9, err, confirmationStatus: "finalized" } });
const nothing: Chain = { finalSlots: [], statuses: {} };
/** The final chain goes past slot 7. */
const forked: Chain = { finalSlots: [6, 8, 9], parents: { 8: 6, 9: 8 }, statuses: {} };
/** The ledger of this node begins anew with a snapshot of slot 20. */
const jumped: Chain = { finalSlots: [6, 21], parents: { 21: 20 }, statuses: {} };

describe("what became of a transaction", () => {
  it("is that it is gone when the final chain goes past its slot, and no node has it", async () => {
    expect(await ask([forked])).toBe("gone");
    expect(await ask([jumped, forked])).toBe("gone");
    expect(await ask([forked, nothing])).toBe("gone");
  });

  it("is open where a node that does not list its slot has a hole there, or is behind", async () => {
    expect(await ask([nothing])).toBe("open");
    expect(await ask([jumped])).toBe("open");
    expect(await ask([jumped, nothing])).toBe("open");
    expect(await ask([{ ...forked, parents: {} }])).toBe("open");
  });

  it("is that it is final where the next final block names its block as parent", async () => {
    expect(await ask([{ ...jumped, parents: { 21: 7 } }])).toEqual({ finalIn: 7, error: null });
  });

  it("is open while any node has it in a block that is not final", async () => {
    const open = { finalSlots: [], statuses: { s: { slot: 7, err: null, confirmationStatus: "confirmed" } } };
    expect(await ask([forked, open])).toBe("open");
    expect(await ask([open, forked])).toBe("open");
  });

  it("is that it is final where any node has its block", async () => {
    expect(await ask([nothing, { finalSlots: [7], statuses: {} }])).toEqual({ finalIn: 7, error: null });
  });

  it("is how it ended in another block", async () => {
    const error = { InstructionError: [0, { Custom: 1 }] };
    expect(await ask([{ finalSlots: [9], statuses: moved(null) }])).toEqual({ finalIn: 9, error: null });
    expect(await ask([{ finalSlots: [9], statuses: moved(error) }])).toEqual({ finalIn: 9, error });
  });
});
