import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import { openLocalnet } from "./testing/localnet.ts";
import { call } from "./testing/raw-rpc.ts";
import { createLocalnet } from "./localnet.ts";

const COMMCOIN = "6YuHH4kveCrEeEtVKM2nh18zU4XWFpEWqV8f5GbhdnzX";

describe("a local node", () => {
  it("makes slots by itself and plays a market that can be followed by address", async () => {
    const { localnet } = await openLocalnet({
      slotMs: 10,
      market: { transactionsPerSecond: 200, seed: "test" },
    });
    const found = await eventually(async () => {
      const { result } = await call(localnet.httpUrl, "getSignaturesForAddress", [COMMCOIN]);
      expect((result as unknown[]).length).toBeGreaterThan(5);
      return result as { signature: string; err: unknown }[];
    });
    expect(found.some(({ err }) => err === null)).toBe(true);
  });

  it("has done with everything when it was stopped", async () => {
    const localnet = await createLocalnet({ slotMs: 5, market: { transactionsPerSecond: 50 } });
    await localnet.stop();
    const slot = localnet.ledger.slot("processed");
    await expect(call(localnet.httpUrl, "getHealth")).rejects.toThrow("fetch failed");
    expect(localnet.ledger.slot("processed")).toBe(slot);
  });

  it("does not start on a port that is taken", async () => {
    const { localnet } = await openLocalnet();
    const httpPort = Number(new URL(localnet.httpUrl).port);
    await expect(createLocalnet({ httpPort, slotMs: null })).rejects.toThrow("EADDRINUSE");
  });

  it("refuses to put a transaction into the ledger twice", async () => {
    const { localnet, payer } = await openLocalnet();
    const executed = localnet.engine.airdrop(payer.address, 1n);
    localnet.submit(executed);
    expect(() => localnet.submit(executed)).toThrow("in the ledger already");
  });
});
