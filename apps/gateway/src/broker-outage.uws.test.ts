import { BrokerUnavailableError, createMemoryBroker, type Broker } from "@commcoin/broker";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import { recordLog } from "./testing/recorded-log.ts";
import { startTestGateway } from "./testing/test-gateway.ts";

const TOPIC = "market_data";

/** A broker in memory that can be cut off: it then delivers nothing and refuses everything. */
function breakable(): { readonly broker: Broker; readonly cut: () => void; readonly mend: () => void } {
  const whole = createMemoryBroker();
  const listeners = new Set<(problem: string | null) => void>();
  let problem: string | null = null;
  const orFail = <Value>(work: () => Promise<Value>): Promise<Value> =>
    problem === null ? work() : Promise.reject(new BrokerUnavailableError(problem));
  const change = (to: string | null): void => {
    problem = to;
    for (const listener of listeners) listener(to);
  };
  return {
    broker: {
      ...whole,
      subscribe: (topic, deliver) =>
        orFail(() =>
          whole.subscribe(topic, (delivery) => {
            if (problem === null) deliver(delivery);
          }),
        ),
      history: (topic, query) => orFail(() => whole.history(topic, query)),
      positions: (topics) => orFail(() => whole.positions(topics)),
      problem: () => problem,
      watch(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    cut: () => change("No connection to Redis at redis-1.internal:6379."),
    mend: () => change(null),
  };
}

describe("broker outage", () => {
  it("is told to clients; what they missed follows when it is over", async () => {
    const { broker, cut, mend } = breakable();
    const { client, publish, httpUrl } = await startTestGateway({}, { broker });
    const one = await client(`subscriptions=${TOPIC}`);
    await publish(TOPIC, 2);
    await one.settled();
    cut();
    // Where the broker is, only operators are told.
    const reason = "The message broker cannot be reached at the moment.";
    expect(await one.next()).toEqual({ type: "degraded", data: { reason } });
    const two = await client(`subscriptions=${TOPIC}`);
    expect(await two.next()).toEqual({ type: "degraded", data: { reason } });
    const readyz = await fetch(`${httpUrl}/readyz`);
    expect(readyz.status).toBe(503);
    expect(await readyz.text()).toContain("redis-1.internal");
    expect((await fetch(`${httpUrl}/healthz`)).status).toBe(200);
    await publish(TOPIC, 3);
    expect(await one.settled()).toEqual([]);
    mend();
    expect((await one.next()).type).toBe("restored");
    expect([(await one.next()).offset, (await one.next()).offset, (await one.next()).offset]).toEqual([
      3, 4, 5,
    ]);
    expect((await fetch(`${httpUrl}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${httpUrl}/metrics`)).text()).toMatch(/gaps_filled_total\{[^}]*\} 3/);
  });

  it("does not keep clients out of topics that are here, and says so where they are not", async () => {
    const { broker, cut, mend } = breakable();
    const { client, open } = await startTestGateway({}, { broker });
    const one = await client(`subscriptions=${TOPIC}`);
    cut();
    const two = await client(`subscriptions=${TOPIC}`);
    expect((await two.next()).type).toBe("degraded");
    two.send({ type: "subscribe", id: 1, data: { topic: "transactions" } });
    expect(await two.next()).toMatchObject({ type: "error", id: 1, data: { code: "internal" } });
    two.send({ type: "history", id: 2, data: { topic: "transactions" } });
    expect(await two.next()).toMatchObject({ type: "error", id: 2, data: { code: "internal" } });
    const three = await open("user_id=somebody");
    expect(await three.closed).toEqual({ code: 3011, reason: "message broker unavailable" });
    mend();
    await two.nextOfType("restored");
    two.send({ type: "subscribe", id: 3, data: { topic: "transactions" } });
    expect(await two.next()).toMatchObject({ type: "subscribed", id: 3 });
    await one.close();
  });

  it("is not given as the reason when joining fails because of a fault of ours, which is logged as one", async () => {
    const whole = createMemoryBroker();
    const broker: Broker = {
      ...whole,
      subscribe: (topic, deliver) =>
        topic === "user:ann" ? Promise.reject(new TypeError("a bug")) : whole.subscribe(topic, deliver),
    };
    const { logger, lines } = recordLog("warn");
    const { open } = await startTestGateway({}, { broker, logger });
    const client = await open("user_id=ann");
    expect(await client.closed).toEqual({ code: 3011, reason: "internal error" });
    expect(lines.map((line) => JSON.parse(line)).filter(({ level }) => level === "error")).toMatchObject([
      { msg: "could not be joined to its topics", err: { type: "TypeError", message: "a bug" } },
    ]);
  });

  it("ends with every user held once, also whom the broker lost", async () => {
    const { broker, cut, mend } = breakable();
    let forgotten = 0;
    const forgetful: Broker = {
      ...broker,
      users: {
        ...broker.users,
        async change(holder, changes) {
          if (forgotten > 0) return broker.users.change(holder, changes);
          forgotten += 1;
          return [];
        },
      },
    };
    const { client } = await startTestGateway({}, { broker: forgetful });
    await client("user_id=ann");
    await eventually(() => expect(forgotten).toBe(1));
    cut();
    mend();
    await eventually(async () => expect(await broker.users.count()).toBe(1));
    const { deliveries } = await broker.history("user_activity");
    expect(deliveries).toHaveLength(1);
  });
});
