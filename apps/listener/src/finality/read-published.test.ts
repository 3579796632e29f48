import { createMemoryBroker, type Broker } from "@commcoin/broker";
import type { TransactionUpdate } from "@commcoin/protocol";
import { describe, expect, it } from "vitest";
import { readPublishedSlot } from "../checkpoint/published-slot.ts";
import { keepingBroker } from "../testing/start-listener.ts";
import { readPublished } from "./read-published.ts";

/** Everything up to it is final. */
const FINAL = 100;

type PublishedUpdates = Pick<TransactionUpdate, "transaction_id" | "status" | "slot" | "origin">;

const many = (
  count: number,
  name: string,
  about: {
    readonly status?: PublishedUpdates["status"];
    readonly origin?: PublishedUpdates["origin"];
    readonly slot: number;
  },
): readonly PublishedUpdates[] =>
  Array.from({ length: count }, (_, n) => ({
    transaction_id: `${name}${n}`,
    status: "confirmed",
    origin: "live",
    ...about,
  }));

async function tell(broker: Broker, ...told: (readonly PublishedUpdates[])[]): Promise<void> {
  const messages = told.flat().map((data) => ({
    topic: "transactions",
    type: "TransactionUpdate",
    id: `${data.transaction_id}:${data.status}`,
    data,
  }));
  await broker.publish(messages);
}

/** Counts how often history is read. */
function counting(broker: Broker): Pick<Broker, "history"> & { readonly reads: number } {
  let reads = 0;
  return {
    history(...query) {
      reads += 1;
      return broker.history(...query);
    },
    get reads() {
      return reads;
    },
  };
}

describe("what was told after a slot", () => {
  it("is found behind a burst of ends that fills pages", async () => {
    const broker = createMemoryBroker();
    await tell(
      broker,
      many(100, "before", { slot: FINAL + 1 }),
      many(2_500, "ended", { slot: FINAL, status: "finalized" }),
      many(300, "after", { slot: FINAL + 2 }),
    );
    const { open, ended, complete } = await readPublished(broker, FINAL);
    expect([open.size, ended.size, complete]).toEqual([400, 2_500, true]);
    expect([...open.keys()].at(0)).toBe("before0");
    expect(await readPublishedSlot(broker)).toBe(FINAL + 2);
  });

  it("is read no further than to what is older, in the order of the chain", async () => {
    const broker = keepingBroker();
    await tell(
      broker,
      many(5_000, "old", { slot: FINAL }),
      many(100, "before", { slot: FINAL + 1 }),
      many(1_000, "late", { slot: FINAL, origin: "audit" }),
      many(1_000, "dropped", { slot: FINAL, status: "failed" }),
      many(300, "after", { slot: FINAL + 2 }),
    );
    const counted = counting(broker);
    const { open, complete } = await readPublished(counted, FINAL);
    expect([open.size, complete]).toEqual([400, true]);
    expect(counted.reads).toBe(3);
  });

  it("leaves out what ended, and says when the broker does not keep all of it", async () => {
    const broker = createMemoryBroker({ retention: () => ({ maxMessages: 2_500, maxAgeMs: 60_000 }) });
    await tell(
      broker,
      many(2_000, "old", { slot: FINAL + 1 }),
      many(10, "old", { slot: FINAL + 1, status: "finalized" }),
      many(1_500, "new", { slot: FINAL + 2 }),
      many(5, "new", { slot: FINAL + 2, status: "failed" }),
    );
    const { open, complete } = await readPublished(broker, FINAL);
    expect(complete).toBe(false);
    // Of the old ones the broker keeps 985, which is no whole page.
    expect(open.size).toBe(985 + 1_495);
    expect(open.has("old0") || open.has("new0")).toBe(false);
  });

  it("is not complete where nothing is kept", async () => {
    expect(await readPublished(createMemoryBroker(), FINAL)).toMatchObject({ complete: false });
  });
});

describe("the newest slot that was published", () => {
  it("is found behind a burst of ends and of late finds", async () => {
    const broker = createMemoryBroker();
    await tell(
      broker,
      many(1, "new", { slot: FINAL + 50 }),
      many(2_500, "ended", { slot: FINAL + 90, status: "finalized" }),
      many(1, "late", { slot: FINAL, origin: "audit" }),
    );
    expect(await readPublishedSlot(broker)).toBe(FINAL + 50);
  });

  it("is none where nothing was published", async () => {
    expect(await readPublishedSlot(createMemoryBroker())).toBe(-1);
  });
});
