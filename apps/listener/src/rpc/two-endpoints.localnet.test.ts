import { createLocalnet, type Endpoint } from "@commcoin/localnet";
import { expect, it, onTestFinished } from "vitest";
import { fetchTransaction } from "../pipeline/fetch-transaction.ts";
import { createTransactionDecoder } from "../decode/decode-transaction.ts";
import { COMMCOIN, createCommcoinMarket } from "../testing/commcoin-market.ts";
import { until } from "../testing/expect-complete.ts";
import { connectNodes } from "./connect-rpc.ts";

const signal = new AbortController().signal;

/** Two nodes over one chain with some confirmed transactions. */
async function start(perSecond = 0) {
  const localnet = await createLocalnet({ slotMs: 20, endpoints: 2 });
  onTestFinished(() => localnet.stop());
  const [one, two] = localnet.endpoints as [Endpoint, Endpoint];
  await createCommcoinMarket(localnet, "two endpoints").play(5);
  const isConfirmed = ({ outcome }: { readonly outcome: string }): boolean =>
    outcome === "confirmed" || outcome === "finalized";
  await until(() => expect(localnet.oracle.transactions().every(isConfirmed)).toBe(true));
  const outcomes: string[] = [];
  const rpc = connectNodes({
    urls: [one.httpUrl, two.httpUrl],
    concurrency: 8,
    perSecond,
    onDelay: () => {},
    onBatchesRefused: () => {},
    decode: createTransactionDecoder({ commcoinProgramId: COMMCOIN }),
    timeoutMs: 10_000,
    reports: { request: () => (method, outcome) => void outcomes.push(`${method} ${outcome}`) },
  }).any.live;
  const signatures = localnet.oracle.transactions().map(({ signature }) => signature);
  let nulls = 0;
  const fetch = (signature: string) =>
    fetchTransaction(rpc, signature, { signal, onNull: () => (nulls += 1), onTrouble: () => {} });
  return { one, two, signatures, fetch, outcomes, nulls: () => nulls };
}

it("a transaction that one node does not know is asked of the other one next", async () => {
  const { one, two, signatures, fetch, outcomes, nulls } = await start();
  one.faults.set({ missingTransaction: {} });
  const fetched = await Promise.all(signatures.map(fetch));
  expect(fetched.filter((each) => typeof each === "string" || !("json" in each))).toEqual([]);
  expect(nulls()).toBeLessThanOrEqual(signatures.length);
  expect(outcomes.length).toBe(signatures.length + nulls());
  expect(nulls()).toBeGreaterThan(0);
  // Also where the other one is asked first.
  one.faults.clear();
  two.faults.set({ missingTransaction: {} });
  const before = nulls();
  const [signature = ""] = signatures;
  expect(await fetch(signature)).toHaveProperty("json");
  expect(nulls() - before).toBe(1);
});

it("a node that hangs holds up the requests that are under way for two seconds, and no later one", async () => {
  const { one, two, signatures, fetch, outcomes } = await start(50);
  one.faults.set({ noAnswer: {} });
  const since = performance.now();
  expect(await Promise.all(signatures.slice(0, 4).map(fetch))).toHaveLength(4);
  const first = performance.now() - since;
  expect(first).toBeGreaterThan(1_900);
  expect(first).toBeLessThan(6_000);
  const timeouts = outcomes.filter((outcome) => outcome.endsWith("timeout")).length;
  expect(timeouts).toBe(4);
  // When the other one is in trouble, that does not bring back the one that hangs before its time.
  two.faults.set({ missingTransaction: { attempts: 2 } });
  for (const signature of signatures.slice(0, 3)) expect(await fetch(signature)).toHaveProperty("json");
  expect(outcomes.filter((outcome) => outcome.endsWith("timeout"))).toHaveLength(timeouts);
});
