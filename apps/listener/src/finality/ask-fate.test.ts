import { describe, expect, it } from "vitest";
import { createNodeRpc } from "../rpc/node-rpc.ts";
import { askFate } from "./ask-fate.ts";

interface Chain {
  readonly finalSlots: readonly number[];
  readonly statuses: Readonly<Record<string, object>>;
}

/** A node that knows a few blocks and transactions. */
const node = ({ finalSlots, statuses }: Chain) =>
  createNodeRpc(<Response>({ payload }: { payload: unknown }) => {
    const { method, params } = payload as { method: string; params: readonly [never, never] };
    const result =
      method === "getBlocks"
        ? finalSlots.filter((slot) => slot >= params[0] && slot <= params[1])
        : { value: (params[0] as readonly string[]).map((signature) => statuses[signature] ?? null) };
    return Promise.resolve({ jsonrpc: "2.0", id: "1", result } as Response);
  });

const ask = async (chains: readonly Chain[]) =>
  (await askFate(chains.map(node), [{ signature: "s", slot: 7 }], new AbortController().signal)).get("s");

const moved = (err: unknown) => ({ s: { slot: 9, err, confirmationStatus: "finalized" } });
const nothing: Chain = { finalSlots: [], statuses: {} };

describe("what became of a transaction", () => {
  it("is that it is gone when no node has it", async () => {
    expect(await ask([nothing, nothing])).toBe("gone");
  });

  it("is open while any node has it in a block that is not final", async () => {
    const open = { finalSlots: [], statuses: { s: { slot: 7, err: null, confirmationStatus: "confirmed" } } };
    expect(await ask([nothing, open])).toBe("open");
    expect(await ask([open, nothing])).toBe("open");
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
