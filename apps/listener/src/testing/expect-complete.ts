import type { Broker } from "@commcoin/broker";
import type { Localnet } from "@commcoin/localnet";
import type { EventFrame } from "@commcoin/protocol";
import { eventually } from "@commcoin/tsconfig/eventually";
import { expect } from "vitest";
import { relevantSignatures } from "./commcoin-market.ts";
import { readTopic } from "./read-topic.ts";

export const until = (check: () => Promise<void> | void, timeout = 40_000): Promise<void> =>
  eventually(check, timeout);

export const ofType = <Type extends EventFrame["type"]>(frames: readonly EventFrame[], type: Type) =>
  frames.filter((frame): frame is Extract<EventFrame, { type: Type }> => frame.type === type);

/** Offsets count 1, 2, 3 …, and no id stands twice. */
export function expectSound(frames: readonly EventFrame[]): void {
  expect(frames.map(({ offset }) => offset)).toEqual(frames.map((_, index) => index + 1));
  expect(new Set(frames.map(({ id }) => id)).size).toBe(frames.length);
}

/** Waits until everything on the chain was published, then checks that it was published once, without a hole. */
export async function expectComplete(
  localnet: Localnet,
  broker: Broker,
  timeout?: number,
): Promise<readonly EventFrame[]> {
  let frames: readonly EventFrame[] = [];
  const slot = localnet.ledger.openSlot();
  await until(async () => {
    expect(localnet.ledger.slot("confirmed")).toBeGreaterThanOrEqual(slot);
    const created = ofType(await readTopic(broker, "token_updates"), "TokenCreated");
    const coins = new Set(created.map(({ data }) => data.token_id));
    frames = ofType(await readTopic(broker, "transactions"), "TransactionUpdate").filter(
      ({ data }) => data.status !== "finalized",
    );
    const published = ofType(frames, "TransactionUpdate").map(({ data }) => data.transaction_id);
    expect(published.toSorted()).toEqual(relevantSignatures(localnet, coins).toSorted());
  }, timeout);
  for (const topic of ["transactions", "token_updates", "market_data"])
    expectSound(await readTopic(broker, topic));
  return frames;
}

/** Checks that the last market of each coin counts each of its trades once. */
export async function expectExactMarkets(broker: Broker): Promise<void> {
  const trades = new Map<string, Set<string>>();
  for (const { id, data } of ofType(await readTopic(broker, "token_updates"), "TokenPriceUpdate")) {
    trades.set(data.token_id, (trades.get(data.token_id) ?? new Set()).add(id));
  }
  const counted = new Map<string, number>();
  for (const { data } of ofType(await readTopic(broker, "market_data"), "MarketData")) {
    counted.set(data.token_id, Math.max(counted.get(data.token_id) ?? 0, data.trades_24h));
  }
  expect(counted).toEqual(new Map([...trades].map(([mint, { size }]) => [mint, size])));
}
