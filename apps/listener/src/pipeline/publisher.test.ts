import { BrokerUnavailableError, createMemoryBroker, type Broker } from "@commcoin/broker";
import { createMetricsRegistry, silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it, vi } from "vitest";
import type { OutgoingMessage } from "../events/outgoing.ts";
import { createListenerMetrics } from "../metrics/listener-metrics.ts";
import { endlessTerm } from "../testing/endless-term.ts";
import { createPublisher } from "./publisher.ts";

const live = new AbortController().signal;

const message = (n: number, topic = "transactions"): OutgoingMessage =>
  ({ topic, id: `${n}`, type: "TransactionUpdate", data: { n } }) as unknown as OutgoingMessage;

function setUp(change: (broker: Broker) => Partial<Broker> = () => ({})) {
  const memory = createMemoryBroker();
  const broker = { ...memory, ...change(memory) };
  const metrics = createListenerMetrics(createMetricsRegistry("listener"));
  const publisher = createPublisher({ broker, term: endlessTerm, log: silentLogger, metrics });
  const topic = async (name = "transactions"): Promise<unknown[]> => {
    const { deliveries } = await memory.history(name);
    return deliveries.map(({ frame }) => (JSON.parse(Buffer.from(frame).toString()) as { id: string }).id);
  };
  const push = (...messages: OutgoingMessage[]) => {
    const acknowledged = vi.fn<() => void>();
    return { acknowledged, room: publisher.push({ messages, acknowledged }, live) };
  };
  return { publisher, metrics, topic, push };
}

describe("publisher", () => {
  it("publishes everything in order, in few batches, and says when", async () => {
    const sizes: number[] = [];
    const { publisher, topic, push } = setUp((broker) => ({
      publish(messages) {
        sizes.push(messages.length);
        return broker.publish(messages);
      },
    }));
    const bundles = Array.from({ length: 300 }, (_, n) => push(message(2 * n), message(2 * n + 1)));
    publisher.close();
    await publisher.run(live);
    expect(await topic()).toEqual(Array.from({ length: 600 }, (_, n) => `${n}`));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(256);
    expect(sizes).toHaveLength(3);
    for (const { acknowledged } of bundles) expect(acknowledged).toHaveBeenCalledOnce();
  });

  it("publishes what is pushed in one turn in one go, also when it waited for something", async () => {
    const sizes: number[] = [];
    const { publisher, push } = setUp((broker) => ({
      publish(messages) {
        sizes.push(messages.length);
        return broker.publish(messages);
      },
    }));
    const done = publisher.run(live);
    await Promise.resolve();
    push(message(1));
    await Promise.resolve();
    push(message(2), message(3));
    publisher.close();
    await done;
    expect(sizes).toEqual([3]);
  });

  it("sends again until the broker acknowledges, loses nothing, and tells meanwhile", async () => {
    let failures = 3;
    const problems: (string | null)[] = [];
    const { publisher, topic, push } = setUp((broker) => ({
      publish(messages) {
        problems.push(publisher.problem());
        failures -= 1;
        return failures >= 0 ? Promise.reject(new BrokerUnavailableError("gone")) : broker.publish(messages);
      },
    }));
    const { acknowledged } = push(message(1), message(2));
    publisher.close();
    await publisher.run(live);
    expect(problems).toEqual([null, "gone", "gone", "gone"]);
    expect(publisher.problem()).toBeNull();
    expect(await topic()).toEqual(["1", "2"]);
    expect(acknowledged).toHaveBeenCalledOnce();
  });

  it("leaves out a message that can never be published, and nothing else", async () => {
    const { publisher, topic, push, metrics } = setUp();
    push(message(1), message(2, "NOT A TOPIC"), message(3));
    push(message(4));
    publisher.close();
    await publisher.run(live);
    expect(await topic()).toEqual(["1", "3", "4"]);
    expect((await metrics.unpublishable.get()).values).toMatchObject([{ value: 1 }]);
  });

  it("makes who brings too much wait", async () => {
    const { publisher, push } = setUp();
    const rooms = Array.from({ length: 501 }, (_, n) => push(message(n)).room);
    let open = false;
    const last = rooms.at(-1)?.then(() => {
      open = true;
    });
    await rooms[499];
    expect(open).toBe(false);
    publisher.close();
    await publisher.run(live);
    await last;
    expect(open).toBe(true);
  });

  it("gives up when it is told to", async () => {
    const { publisher, push } = setUp(() => ({
      publish: () => Promise.reject(new BrokerUnavailableError("gone")),
    }));
    const { acknowledged } = push(message(1));
    const abort = new AbortController();
    const running = publisher.run(abort.signal);
    await eventually(() => expect(publisher.problem()).toBe("gone"));
    abort.abort();
    await running;
    expect(acknowledged).not.toHaveBeenCalled();
  });
});
