import { createMarket, type Localnet } from "@commcoin/localnet";
import { describe, expect, it, vi } from "vitest";
import { readBlock } from "./blocks/read-block.ts";
import { createTransactionDecoder } from "./decode/decode-transaction.ts";
import { TOKEN_PROGRAM } from "./decode/programs/addresses.ts";
import { COMMCOIN, createCommcoinMarket, relevantSignatures } from "./testing/commcoin-market.ts";
import { ofType, until } from "./testing/expect-complete.ts";
import { listenReady, startNode } from "./testing/listen.ts";
import { readTopic } from "./testing/read-topic.ts";

/** A machine that does many things at a time takes long for these. */
vi.setConfig({ testTimeout: 90_000 });

async function ask(localnet: Localnet, method: string, params: readonly unknown[]): Promise<unknown> {
  const response = await fetch(localnet.httpUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  return ((await response.json()) as { result: unknown }).result;
}

const executedOf = (localnet: Localnet) => {
  const slots = Array.from({ length: localnet.ledger.openSlot() }, (_, slot) => slot);
  return slots.flatMap((slot) => localnet.ledger.block(slot)?.transactions ?? []);
};

describe("transactions of version 1", () => {
  it("mean the same as JSON and as bytes, by themselves and in blocks", async () => {
    const localnet = await startNode();
    await createCommcoinMarket(localnet, "versions").play(80);
    const last = localnet.ledger.openSlot();
    await until(() => expect(localnet.ledger.slot("confirmed")).toBeGreaterThanOrEqual(last));
    const decode = createTransactionDecoder({ commcoinProgramId: COMMCOIN });
    const options = { commitment: "confirmed", maxSupportedTransactionVersion: 1 };

    const newest = executedOf(localnet).filter(({ executed }) => executed.version === 1);
    expect(newest.length).toBeGreaterThan(5);
    const decoded = [];
    for (const { executed } of newest) {
      const { signature, meta } = executed;
      const get = (encoding: string) =>
        ask(localnet, "getTransaction", [signature, { ...options, encoding }]);
      const json = decode(await get("json"));
      expect(decode(await get("base64"))).toEqual(json);
      expect(json).toMatchObject({ signature, feeLamports: BigInt(meta.fee) });
      expect(json.instructions.length).toBeGreaterThan(0);
      decoded.push(json);
    }
    expect(decoded.some(({ feeLamports }) => feeLamports > 10_000n)).toBe(true);
    expect(decoded.some(({ trades }) => trades.length > 0)).toBe(true);

    let found = 0;
    for (const slot of new Set(newest.map((each) => each.slot))) {
      const read = async (encoding: string) =>
        readBlock(
          await ask(localnet, "getBlock", [slot, { ...options, encoding }]),
          slot,
          [COMMCOIN, TOKEN_PROGRAM],
          decode,
        );
      const block = await read("json");
      expect(await read("base64")).toEqual(block);
      expect(block.transactions.every(({ problem }) => problem === null)).toBe(true);
      found += block.transactions.length;
    }
    expect(found).toBeGreaterThan(5);
  });
});

describe("a version that nobody knows yet", () => {
  /** Plays a market of which every tenth transaction has the version, as if the chain had come further. */
  async function play(localnet: Localnet, steps: number): Promise<ReadonlySet<string>> {
    const ofLaterVersion = new Set<string>();
    let sent = 0;
    const market = createMarket({
      seed: "later",
      node: {
        send(wire) {
          sent += 1;
          if (sent % 10 !== 0) return localnet.send(wire);
          const executed = localnet.engine.execute(wire);
          ofLaterVersion.add(executed.signature);
          return localnet.submit({ ...executed, version: 2 as 1 });
        },
        latestBlockhash: () => localnet.confirmedBlockhash(),
        airdrop: (address, lamports) => localnet.submit(localnet.engine.airdrop(address, lamports)),
      },
    });
    for (let step = 0; step < steps; step += 1) await market.step();
    return ofLaterVersion;
  }

  it.each([
    ["one by one", {}],
    ["in blocks", { TRANSACTION_LISTENER_TOKENS: "all" }],
  ])("is set aside and counted, and stops nothing: %s", async (_, env) => {
    const localnet = await startNode();
    const running = await listenReady(localnet, env);
    const later = await play(localnet, 80);
    const last = localnet.ledger.openSlot();
    const told = async () => {
      const frames = await readTopic(running.broker, "transactions");
      return ofType(frames, "TransactionUpdate").map(({ data }) => data);
    };
    await until(async () => {
      expect(localnet.ledger.slot("confirmed")).toBeGreaterThanOrEqual(last);
      const published = new Set((await told()).map(({ transaction_id }) => transaction_id));
      const missing = relevantSignatures(localnet, new Set()).filter((each) => !published.has(each));
      expect(missing).toEqual([]);
    });
    const updates = (await told()).filter(({ status }) => status !== "finalized");
    const setAside = updates.filter(({ transaction_id }) => later.has(transaction_id));
    expect(setAside.length).toBeGreaterThan(0);
    expect(setAside.every(({ kind, instructions }) => kind === "unknown" && instructions.length === 0)).toBe(
      true,
    );
    expect(await running.metric("decode_errors_total")).toBe(setAside.length);
    const confirmed = updates.filter(({ status }) => status === "confirmed").length;
    await until(async () => {
      const final = (await told()).filter(({ status }) => status === "finalized");
      expect(final).toHaveLength(confirmed);
    });
  });
});
