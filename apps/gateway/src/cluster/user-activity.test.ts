import { createMemoryBroker, HOLDER_TTL_MS, type Broker } from "@commcoin/broker";
import { silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it, onTestFinished } from "vitest";
import { createPresenceHolder } from "./presence-holder.ts";
import { createUserActivityPublisher } from "./user-activity.ts";

const LONG_MS = HOLDER_TTL_MS + 1;

function start(change: (broker: Broker) => Pick<Broker, "users" | "publish"> = (broker) => broker) {
  let passed = 0;
  const clock = { now: () => Date.now() + passed, monotonic: () => performance.now() + passed };
  const broker = createMemoryBroker({ clock });
  const parts = change(broker);
  const publisher = createUserActivityPublisher({
    broker: parts,
    holder: createPresenceHolder({
      users: parts.users,
      serverId: "server-1",
      now: clock.monotonic,
      log: silentLogger,
    }),
    extraGraceMs: () => 0,
    now: clock.monotonic,
    onPublished: () => {},
    log: silentLogger,
  });
  publisher.start();
  onTestFinished(() => publisher.stop());
  const told = async (topic = "user_activity"): Promise<readonly string[]> =>
    (await broker.history(topic)).deliveries.map(({ frame }) => {
      const { data } = JSON.parse(Buffer.from(frame).toString());
      return `${data.user_id} ${data.activity_type}`;
    });
  return { broker, publisher, told, pass: (ms: number) => void (passed += ms) };
}

describe("user activity", () => {
  it("goes to everybody and to the user, under one id", async () => {
    const { broker, publisher, told } = start();
    publisher.came("ann");
    await eventually(async () => expect(await told()).toEqual(["ann connected"]));
    expect(await told("user:ann")).toEqual(["ann connected"]);
    const ids = await Promise.all(
      ["user_activity", "user:ann"].map(async (topic) => {
        const [delivery] = (await broker.history(topic)).deliveries;
        return JSON.parse(Buffer.from(delivery?.frame ?? []).toString()).id;
      }),
    );
    expect(ids[0]).toMatch(/^presence:\S+:connected$/);
    expect(ids[1]).toBe(ids[0]);
  });

  it("is told anew by a gateway that was taken for dead, and what the other did not publish comes as well", async () => {
    const { broker, publisher, told, pass } = start();
    publisher.came("ann");
    await eventually(async () => expect(await told()).toEqual(["ann connected"]));
    pass(LONG_MS);
    // Another gateway that finds it dead, and dies itself before it published anything.
    expect((await broker.users.sweep()).events).toHaveLength(1);
    await eventually(async () => expect(await told()).toEqual(["ann connected", "ann connected"]));
    expect(await broker.users.count()).toBe(1);
    pass(LONG_MS / 2);
    await eventually(async () =>
      expect(await told()).toEqual(["ann connected", "ann connected", "ann disconnected"]),
    );
  });

  it("is told when the broker can be reached again, each event once though answers got lost", async () => {
    let failures = 0;
    const lose = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
      await answer;
      failures += 1;
      throw new Error("the answer was lost");
    };
    const losing = (broker: Broker): Pick<Broker, "users" | "publish"> => ({
      users: {
        ...broker.users,
        join: (holder) => (failures < 1 ? lose(broker.users.join(holder)) : broker.users.join(holder)),
        change: (holder, users) =>
          failures < 2 ? lose(broker.users.change(holder, users)) : broker.users.change(holder, users),
      },
      publish: (messages) => (failures < 3 ? lose(broker.publish(messages)) : broker.publish(messages)),
    });
    const { publisher, told, pass } = start(losing);
    publisher.came("ann");
    publisher.came("bob");
    await eventually(() => expect(failures).toBeGreaterThanOrEqual(2));
    // The events of the lost answer are overdue now: the next sweep publishes them.
    pass(LONG_MS / 2);
    await eventually(async () => expect(failures).toBe(3));
    pass(LONG_MS / 2);
    publisher.came("eve");
    await eventually(async () =>
      expect((await told()).toSorted()).toEqual(["ann connected", "bob connected", "eve connected"]),
    );
  });
});
