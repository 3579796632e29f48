import type { Broker } from "@commcoin/broker";

/** Enough to find something new among the ends of transactions, which come in bursts. */
const MESSAGES = 1_000;

interface Update {
  readonly type: string;
  readonly data: { readonly status: string; readonly slot: number };
}

/** The newest slot of which anything was published lately; -1 when nothing was. */
export async function readPublishedSlot(broker: Pick<Broker, "history">): Promise<number> {
  const { deliveries } = await broker.history("transactions", { last: MESSAGES });
  let newest = -1;
  for (const { frame } of deliveries) {
    const { type, data } = JSON.parse(Buffer.from(frame).toString("utf8")) as Update;
    if (type === "TransactionUpdate" && data.status !== "finalized") newest = Math.max(newest, data.slot);
  }
  return newest;
}
