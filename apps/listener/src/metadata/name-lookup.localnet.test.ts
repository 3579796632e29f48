import { createLocalnet } from "@commcoin/localnet";
import { eventually } from "@commcoin/tsconfig/eventually";
import { fastest } from "@commcoin/tsconfig/fastest";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTransactionDecoder } from "../decode/decode-transaction.ts";
import { connectNodes } from "../rpc/connect-rpc.ts";
import { COMMCOIN, createCommcoinMarket } from "../testing/commcoin-market.ts";
import { createNameLookup } from "./name-lookup.ts";

const SOON_MS = 1_000;
const live = new AbortController().signal;
let localnet: Awaited<ReturnType<typeof createLocalnet>>;
beforeAll(async () => {
  localnet = await createLocalnet({ slotMs: 20 });
});
afterAll(() => localnet.stop());

const connect = (url: string) =>
  connectNodes({
    urls: [url],
    concurrency: 4,
    perSecond: 0,
    onDelay: () => {},
    onBatchesRefused: () => {},
    decode: createTransactionDecoder({ commcoinProgramId: COMMCOIN }),
    timeoutMs: 5_000,
    reports: { request: () => () => {} },
  }).any.live;

it("finds the names that are on the chain, wherever they were written", async () => {
  const rpc = connect(localnet.httpUrl);
  const lookup = createNameLookup(rpc);
  await createCommcoinMarket(localnet, "names").play(150);
  const last = localnet.ledger.openSlot();
  await eventually(() => expect(localnet.ledger.slot("confirmed")).toBeGreaterThanOrEqual(last));

  const decode = createTransactionDecoder({ commcoinProgramId: COMMCOIN });
  const written = new Map<string, string | null>();
  const coins = new Set<string>();
  for (let slot = 0; slot <= last; slot += 1) {
    for (const { executed } of localnet.ledger.block(slot)?.transactions ?? []) {
      const { transaction, meta, version } = executed;
      const { creates, metadata } = decode({ slot, blockTime: null, transaction, meta, version });
      for (const { mint } of creates) coins.add(mint);
      for (const { mint, name } of metadata) written.set(mint, name);
    }
  }
  const named = [...coins].filter((mint) => written.has(mint));
  const nameless = [...coins].filter((mint) => !written.has(mint));
  expect(named.length).toBeGreaterThan(1);
  for (const mint of named) {
    // A lookup gives up soon; a busy machine may need several.
    await eventually(async () => expect((await lookup.find(mint, live))?.name, mint).toBe(written.get(mint)));
  }
  for (const mint of nameless) expect(await lookup.find(mint, live)).toBeNull();
});

it("tells null, and soon, when there is no name or no node", async () => {
  const rpc = connect(localnet.httpUrl);
  const nowhere = connect("http://127.0.0.1:1");
  const foundAfterMs = async (): Promise<number> => {
    const startedAt = performance.now();
    const found = await Promise.all(
      [rpc, nowhere].map((node) => createNameLookup(node).find(COMMCOIN, live)),
    );
    expect(found).toEqual([null, null]);
    return performance.now() - startedAt;
  };
  expect(await fastest(SOON_MS, foundAfterMs)).toBeLessThan(SOON_MS);
});
