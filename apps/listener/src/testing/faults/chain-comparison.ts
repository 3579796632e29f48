import type { Broker } from "@commcoin/broker";
import type { Localnet, OracleTransaction } from "@commcoin/localnet";
import type { EventFrame } from "@commcoin/protocol";
import { expect } from "vitest";
import { COMMCOIN } from "../commcoin-market.ts";
import { expectSound, ofType } from "../expect-complete.ts";
import { readTopic } from "../read-topic.ts";

/** What a listener on this chain has to publish: everything that mentions CommCoin or, if they are followed, a coin. */
export function relevant(localnet: Localnet, coins: ReadonlySet<string>): readonly OracleTransaction[] {
  return localnet.oracle
    .transactions()
    .filter(({ accounts }) => accounts.some((account) => account === COMMCOIN || coins.has(account)));
}

/** Signatures of which anything was published, and the coins. Cheap, to be asked often. */
export async function publishedSoFar(broker: Broker): Promise<{
  readonly signatures: ReadonlySet<string>;
  readonly coins: ReadonlySet<string>;
}> {
  const read = async (topic: string): Promise<readonly EventFrame[]> =>
    (await broker.history(topic)).deliveries.map(
      ({ frame }) => JSON.parse(Buffer.from(frame).toString("utf8")) as EventFrame,
    );
  return {
    signatures: new Set((await read("transactions")).map(({ id }) => id.slice(0, id.indexOf(":")))),
    coins: new Set(ofType(await read("token_updates"), "TokenCreated").map(({ data }) => data.token_id)),
  };
}

/** Fails unless what was published is what is on the chain: each thing once, with its end, nothing else. */
export async function expectChain(localnet: Localnet, broker: Broker, followCoins: boolean): Promise<void> {
  const { coins } = await publishedSoFar(broker);
  const frames = await readTopic(broker, "transactions");
  for (const topic of ["transactions", "token_updates", "market_data"]) {
    expectSound(await readTopic(broker, topic));
  }
  const told = new Map<string, string[]>();
  for (const { data } of ofType(frames, "TransactionUpdate")) {
    const entry = told.get(data.transaction_id) ?? [];
    told.set(data.transaction_id, [...entry, data.error === "dropped" ? "dropped" : data.status]);
  }
  const expected = relevant(localnet, followCoins ? coins : new Set());
  for (const { signature, outcome, err } of expected) {
    const statuses = told.get(signature) ?? [];
    told.delete(signature);
    if (outcome === "dropped" && statuses.length === 0) continue;
    const end = outcome === "dropped" ? "dropped" : "finalized";
    expect({ signature, statuses }).toEqual({
      signature,
      statuses: err === null ? ["confirmed", end] : ["failed"],
    });
  }
  expect([...told.keys()]).toEqual([]);
  await expectMarkets(broker);
}

/** The last market of each coin counts each of its trades once, without those that a fork took back. */
async function expectMarkets(broker: Broker): Promise<void> {
  const transactions = ofType(await readTopic(broker, "transactions"), "TransactionUpdate");
  const dropped = new Set(
    transactions.filter(({ data }) => data.error === "dropped").map(({ data }) => data.transaction_id),
  );
  const trades: Record<string, number> = {};
  for (const { data } of ofType(await readTopic(broker, "token_updates"), "TokenPriceUpdate")) {
    if (!dropped.has(data.signature)) trades[data.token_id] = (trades[data.token_id] ?? 0) + 1;
  }
  const counted: Record<string, number> = {};
  for (const { data } of ofType(await readTopic(broker, "market_data"), "MarketData")) {
    counted[data.token_id] = data.trades_24h;
  }
  expect(Object.fromEntries(Object.entries(counted).filter(([, count]) => count > 0))).toEqual(trades);
}

/** Fails unless what is marked as live is in the order of the chain, in each topic. */
export async function expectLiveOrder(localnet: Localnet, broker: Broker): Promise<void> {
  const updates = ofType(await readTopic(broker, "transactions"), "TransactionUpdate").filter(
    ({ data }) => data.status !== "finalized" && data.error !== "dropped",
  );
  const live = new Map(
    updates.filter(({ data }) => data.origin === "live").map(({ data }) => [data.transaction_id, data.slot]),
  );
  const placeOf = (signature: string, instruction: number): readonly number[] => {
    const slot = live.get(signature) ?? -1;
    const landing = localnet.oracle.transaction(signature)?.landings.find((each) => each.slot === slot);
    return [slot, landing?.index ?? -1, instruction];
  };
  const byPlace = (one: readonly number[], other: readonly number[]): number =>
    one.map((value, at) => value - (other[at] ?? 0)).find((difference) => difference !== 0) ?? 0;
  const events = ofType(await readTopic(broker, "token_updates"), "TokenPriceUpdate");
  for (const ids of [updates.map(({ data }) => `${data.transaction_id}:0`), events.map(({ id }) => id)]) {
    const places = ids
      .map((id) => id.split(":"))
      .filter(([signature = ""]) => live.has(signature))
      .map(([signature = "", instruction]) => placeOf(signature, Number(instruction)));
    expect(places.filter(([, index]) => index === -1)).toEqual([]);
    expect(places).toEqual(places.toSorted(byPlace));
  }
}
