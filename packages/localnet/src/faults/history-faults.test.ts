import { describe, expect, it } from "vitest";
import { openLocalnet } from "../testing/localnet.ts";
import { call } from "../testing/raw-rpc.ts";
import { createTransfer } from "../testing/transfers.ts";

const CONFIRMED = { commitment: "confirmed", encoding: "json", maxSupportedTransactionVersion: 0 } as const;

const open = async () => {
  const { localnet, payer, advance } = await openLocalnet();
  const [endpoint] = localnet.endpoints;
  if (!endpoint) throw new Error("No endpoint");
  const transfer = createTransfer(localnet, payer);
  const signature = await transfer(1n);
  advance(3);
  const { slot } = localnet.oracle.transaction(signature) ?? { slot: -1 };
  const ask = (method: string, ...params: unknown[]) => call(endpoint.httpUrl, method, params);
  return { endpoint, signature, slot, ask, address: payer.address };
};

describe("blocks", () => {
  it("are not available yet, with the code that is wanted, so many times", async () => {
    const { endpoint, slot, ask } = await open();
    endpoint.faults.set({ blockNotAvailable: { next: 1 } });
    expect(await ask("getBlock", slot, CONFIRMED)).toMatchObject({ error: { code: -32004 } });
    endpoint.faults.set({ blockNotAvailable: { next: 1, code: -32014 } });
    expect(await ask("getBlock", slot, CONFIRMED)).toMatchObject({ error: { code: -32014 } });
    expect(await ask("getBlock", slot, CONFIRMED)).toMatchObject({
      result: { blockTime: expect.any(Number) },
    });
  });

  it("are missing with all that is in them", async () => {
    const { endpoint, signature, slot, ask, address } = await open();
    const all = async () => ({
      block: await ask("getBlock", slot, CONFIRMED),
      blocks: await ask("getBlocks", 0, slot, { commitment: "confirmed" }),
      transaction: await ask("getTransaction", signature, CONFIRMED),
      listed: await ask("getSignaturesForAddress", address, { commitment: "confirmed" }),
      statuses: await ask("getSignatureStatuses", [signature]),
    });
    const before = await all();
    expect(before.blocks.result).toContain(slot);
    endpoint.faults.set({ missingBlocks: { from: slot, to: slot } });
    const { block, blocks, transaction, listed, statuses } = await all();
    expect(block).toMatchObject({ error: { code: -32007 } });
    expect(blocks.result).not.toContain(slot);
    expect(blocks.result).toContain(slot - 1);
    expect(transaction).toMatchObject({ result: null });
    expect(JSON.stringify(listed)).not.toContain(signature);
    expect(statuses).toMatchObject({ result: { value: [null] } });
    endpoint.faults.clear();
    expect(await all()).toEqual(before);
  });
});

describe("places in blocks", () => {
  it("are left out as older nodes do", async () => {
    const { endpoint, signature, ask, address } = await open();
    const answers = async () =>
      JSON.stringify([
        await ask("getTransaction", signature, CONFIRMED),
        await ask("getSignaturesForAddress", address, { commitment: "confirmed" }),
      ]);
    expect(await answers()).toContain("transactionIndex");
    endpoint.faults.set({ noTransactionIndex: {} });
    expect(await answers()).not.toContain("transactionIndex");
    expect(await answers()).toContain(signature);
  });
});
