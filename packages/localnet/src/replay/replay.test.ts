import { getEventListeners } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LAMPORTS_PER_SOL, startedEngine } from "../testing/engine.ts";
import { openLocalnet } from "../testing/localnet.ts";
import { encodeTransaction } from "../wire/transaction.ts";

/** Executed transactions as an RPC node would answer them. */
const record = async (count: number) => {
  const { engine, payer } = await startedEngine();
  return Array.from({ length: count }, () => {
    const { transaction, meta } = engine.airdrop(payer.address, LAMPORTS_PER_SOL);
    return { slot: 1, blockTime: 1, version: "legacy", transaction, meta };
  });
};

describe("replay", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "recordings-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (name: string, content: unknown): void =>
    writeFileSync(join(folder, name), JSON.stringify(content));

  it("puts recordings into new slots, once, untouched", async () => {
    const recorded = await record(3);
    recorded.forEach((transaction, index) => write(`${index}.json`, transaction));
    const { localnet } = await openLocalnet();
    const { signal } = new AbortController();
    const first = await localnet.replay([folder], { perSecond: 10_000, signal });
    expect(getEventListeners(signal, "abort")).toEqual([]);
    const again = await localnet.replay([folder], { perSecond: 10_000 });
    expect([first.submitted, again.submitted]).toEqual([3, 0]);
    const block = localnet.advance();
    expect(block.transactions.map(({ executed }) => executed.meta)).toEqual(recorded.map(({ meta }) => meta));
  });

  it("names what it leaves out, and why", async () => {
    const [one] = await record(1);
    if (!one) return;
    const wire = Buffer.from(encodeTransaction(one.transaction, "legacy"));
    wire[wire.length - 1] = (wire.at(-1) ?? 0) ^ 1;
    write("forged.json", { ...one, transaction: [wire.toString("base64"), "base64"] });
    const { localnet } = await openLocalnet();
    expect(await localnet.replay([folder], { perSecond: 100 })).toEqual({
      submitted: 0,
      refused: [{ file: join(folder, "forged.json"), reason: "the signature is not that of the message" }],
    });
  });

  it("reads whole blocks", async () => {
    write("block.json", { blockhash: "x", transactions: await record(5) });
    const { localnet } = await openLocalnet();
    expect(await localnet.replay([folder], { perSecond: 10_000 })).toEqual({ submitted: 5, refused: [] });
  });
});
