import {
  BrokerUnavailableError,
  createMemoryBroker,
  HOLDER_TTL_MS,
  type Broker,
  type PresenceEvent,
} from "@commcoin/broker";
import { silentLogger } from "@commcoin/service/telemetry";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it, onTestFinished } from "vitest";
import { createPresenceHolder } from "./presence-holder.ts";
import { createUserActivityPublisher, RETURN_GRACE_MS } from "./user-activity.ts";

const LONG_MS = HOLDER_TTL_MS + 1;
/** Passes each time that a test looks: short enough for all to keep themselves alive. */
const A_WHILE_MS = 500;
const NOBODY = { came: [], left: [] };

function start(change: (broker: Broker) => Pick<Broker, "users" | "publish"> = (broker) => broker) {
  let passed = 0;
  const clock = { now: () => Date.now() + passed, monotonic: () => performance.now() + passed };
  const broker = createMemoryBroker({ clock });
  const parts = change(broker);
  const holder = createPresenceHolder({
    users: parts.users,
    serverId: "server-1",
    now: clock.monotonic,
    log: silentLogger,
  });
  const publisher = createUserActivityPublisher({
    broker: parts,
    holder,
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
  return { broker, holder, publisher, told, pass: (ms: number) => void (passed += ms) };
}

/** A broker that can be cut off, and that loses what it acknowledges while it is `forgetful`, as in a failover. */
function unreliable() {
  const state = { isAway: false, isForgetful: false, forgotten: 0 };
  const parts = (broker: Broker): Pick<Broker, "users" | "publish"> => {
    const orAway = <Result>(call: () => Promise<Result>): Promise<Result> =>
      state.isAway ? Promise.reject(new BrokerUnavailableError("away")) : call();
    const forget = (): Promise<readonly PresenceEvent[]> => {
      state.forgotten += 1;
      return Promise.resolve([]);
    };
    const { users } = broker;
    return {
      users: {
        ...users,
        keep: (holder) => orAway(() => users.keep(holder)),
        join: (holder) => orAway(() => users.join(holder)),
        change: (holder, changes) =>
          orAway(() => (state.isForgetful ? forget() : users.change(holder, changes))),
        leave: (holder, graceMs) => orAway(() => users.leave(holder, graceMs)),
        sweep: () => orAway(() => users.sweep()),
      },
      publish: (messages) => orAway(() => broker.publish(messages)),
    };
  };
  return { state, parts };
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

  it("is told anew when the broker is back, which may have lost what it acknowledged", async () => {
    const { state, parts } = unreliable();
    const { broker, holder, publisher, told, pass } = start(parts);
    publisher.came("ann");
    await eventually(async () => expect(await told()).toEqual(["ann connected"]));
    state.isForgetful = true;
    publisher.came("bob");
    await eventually(() => expect(state.forgotten).toBe(1));
    publisher.left("ann");
    pass(RETURN_GRACE_MS);
    await eventually(() => expect(state.forgotten).toBe(2));
    state.isForgetful = false;
    holder.renew();
    await eventually(async () => expect(await told()).toEqual(["ann connected", "bob connected"]));
    expect(await broker.users.count()).toBe(2);
    // The name under which ann is still held ends.
    await eventually(async () => {
      pass(A_WHILE_MS);
      expect(await told()).toEqual(["ann connected", "bob connected", "ann disconnected"]);
    });
    expect(await broker.users.count()).toBe(1);
  });

  it("is not told of those who stay, however long the broker was away", async () => {
    const { state, parts } = unreliable();
    const { broker, holder, publisher, told, pass } = start(parts);
    publisher.came("ann");
    await eventually(async () => expect(await told()).toEqual(["ann connected"]));
    state.isAway = true;
    publisher.came("bob");
    pass(LONG_MS);
    state.isAway = false;
    const { name } = holder;
    holder.renew();
    await holder.current();
    // Another gateway looks for those who died, before anybody is held anew.
    expect((await broker.users.sweep()).events).toEqual([]);
    await eventually(async () => expect(await told()).toEqual(["ann connected", "bob connected"]));
    expect(holder.name).not.toBe(name);
    // Long enough for the former name to end: ann was held under it.
    await eventually(async () => {
      pass(A_WHILE_MS);
      expect(await broker.users.change(name ?? "", NOBODY)).toBeNull();
    });
    expect(await broker.users.count()).toBe(2);
    expect(await told()).toEqual(["ann connected", "bob connected"]);
  });

  it("is right also when the name changes while something is told", async () => {
    let answer = (): void => {};
    const slow = (broker: Broker): Pick<Broker, "users" | "publish"> => ({
      users: {
        ...broker.users,
        async change(holder, changes) {
          const events = await broker.users.change(holder, changes);
          if (changes.left.includes("ann")) await new Promise<void>((resolve) => (answer = resolve));
          return events;
        },
      },
      publish: (messages) => broker.publish(messages),
    });
    const { broker, holder, publisher, told, pass } = start(slow);
    publisher.came("ann");
    publisher.came("bob");
    await eventually(async () => expect(await told()).toHaveLength(2));
    publisher.left("ann");
    pass(RETURN_GRACE_MS);
    await eventually(async () => expect(await broker.users.count()).toBe(1));
    const { name } = holder;
    holder.renew();
    await holder.current();
    answer();
    await eventually(async () => {
      pass(A_WHILE_MS);
      expect(await broker.users.change(name ?? "", NOBODY)).toBeNull();
    });
    await eventually(async () =>
      expect((await told()).toSorted()).toEqual(["ann connected", "ann disconnected", "bob connected"]),
    );
    expect(await broker.users.count()).toBe(1);
  });
});
