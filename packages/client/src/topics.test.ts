import type { SubscriptionState } from "@commcoin/protocol";
import { describe, expect, it } from "vitest";
import {
  createMachine,
  event,
  noticesOf,
  offsets,
  openedUrl,
  sent,
  timerMs,
  type Machine,
} from "./testing/machine.ts";

const topic = "transactions";
const at = (offset: number, more: Partial<SubscriptionState> = {}): SubscriptionState => ({
  topic,
  epoch: "e1",
  offset,
  ...more,
});
const place = (offset: number, epoch = "e1") => ({ epoch, offset });

/** Subscribed to `transactions`, which stands at 10. */
function live(): Machine {
  const machine = createMachine();
  machine.step({ type: "subscribe", topic });
  machine.connected([at(10), { topic: "broadcast", epoch: "b1", offset: 3 }]);
  machine.actions.length = 0;
  return machine;
}

const answer = (machine: Machine, data: SubscriptionState) =>
  machine.receive({
    type: "subscribed",
    id: machine.state.topics.get(data.topic)?.request ?? -1,
    data: { ...data, recovered: data.recovered ?? false, replayed: data.replayed ?? 0 },
  });

const refuse = (machine: Machine, code: "forbidden" | "rate_limited" | "unknown_topic", of = topic) =>
  machine.receive({
    type: "error",
    id: machine.state.topics.get(of)?.request ?? -1,
    data: { code, message: "because" },
  });

describe("a gap", () => {
  it("is asked for from the last position on; nothing is handed out until the replay starts", () => {
    const machine = live();
    machine.receive(event(topic, 11));
    const actions = machine.receive(event(topic, 13));
    expect(sent(actions)).toEqual([
      { type: "subscribe", id: expect.any(Number), data: { topic, since: place(11) } },
    ]);
    machine.receive(event(topic, 12));
    machine.receive(event(topic, 14));
    expect(offsets(machine.actions)).toEqual([11]);

    answer(machine, at(14, { recovered: true, replayed: 3 }));
    for (const offset of [12, 13, 14, 15]) machine.receive(event(topic, offset));
    expect(offsets(machine.actions)).toEqual([11, 12, 13, 14, 15]);
    expect(machine.state.counts).toMatchObject({ gaps: 1, lost: 0 });
  });

  it("of a topic that the server joined is asked for as well; when that is refused, what is missing is told", () => {
    const machine = live();
    machine.receive(event("broadcast", 4));
    machine.receive(event("broadcast", 7));
    machine.receive(event("broadcast", 8));
    expect(sent(machine.actions)).toHaveLength(1);
    refuse(machine, "forbidden", "broadcast");
    machine.receive(event("broadcast", 9));
    expect(noticesOf(machine.actions, "lost")).toEqual([
      { type: "lost", topic: "broadcast", reason: "forbidden", from: place(4, "b1"), to: place(8, "b1") },
    ]);
    expect(offsets(machine.actions)).toEqual([4, 9]);
  });

  it("that comes again without any progress is asked for after a back-off", () => {
    const machine = live();
    machine.receive(event(topic, 12));
    answer(machine, at(12, { recovered: true, replayed: 2 }));
    const actions = machine.receive(event(topic, 13));
    expect(sent(actions)).toEqual([]);
    expect(timerMs(actions, `topic:${topic}`)).toBe(750);
    const again = machine.step({ type: "timer", timer: `topic:${topic}` });
    expect(sent(again)).toMatchObject([{ data: { since: place(10) } }]);
  });

  it("is asked for again when the answer does not come", () => {
    const machine = live();
    machine.receive(event(topic, 12));
    const [first] = sent(machine.actions);
    const [second] = sent(machine.step({ type: "timer", timer: `topic:${topic}` }));
    expect(second).toMatchObject({ data: { topic, since: place(10) } });
    expect(second?.id).not.toBe(first?.id);
    // The late answer to the first request is not the one that counts.
    machine.receive({
      type: "subscribed",
      id: first?.id,
      data: { ...at(12), recovered: false, replayed: 0 },
    });
    expect(machine.state.topics.get(topic)).toMatchObject({ position: place(10), blocked: true });
  });
});

it("believes no recovery in another epoch: it asks again", () => {
  const machine = live();
  machine.receive(event(topic, 12));
  answer(machine, at(12, { epoch: "e2", recovered: true, replayed: 2 }));
  expect(machine.state.topics.get(topic)).toMatchObject({ position: place(10), blocked: true });
});

it("takes no answer, and no message, of a connection that is gone for one of the next", () => {
  const machine = live();
  machine.receive(event(topic, 12));
  machine.serverCloses(1006);
  expect(machine.state.topics.get(topic)).toMatchObject({
    position: place(10),
    joined: false,
    blocked: false,
    request: undefined,
    attempt: 0,
  });
});

describe("a lost position is told", () => {
  it.each(["epoch_changed", "trimmed", "limit"] as const)("after recovered: false, %s", (reason) => {
    const machine = live();
    machine.receive(event(topic, 12));
    answer(machine, at(90, { epoch: "e2", reason }));
    expect(noticesOf(machine.actions, "lost")).toEqual([
      { type: "lost", topic, reason, from: place(10), to: place(90, "e2") },
    ]);
    machine.receive(event(topic, 91));
    expect(offsets(machine.actions)).toEqual([91]);
  });

  it("after a reset, also one that goes back within the epoch, also of a topic that the server joined", () => {
    const machine = live();
    machine.receive({ type: "reset", data: { ...at(2), reason: "rewound" } });
    machine.receive({
      type: "reset",
      data: { topic: "broadcast", epoch: "b2", offset: 0, reason: "epoch_changed" },
    });
    expect(noticesOf(machine.actions, "lost")).toEqual([
      { type: "lost", topic, reason: "rewound", from: place(10), to: place(2) },
      { type: "lost", topic: "broadcast", reason: "epoch_changed", from: place(3, "b1"), to: place(0, "b2") },
    ]);
    machine.receive(event(topic, 3));
    machine.receive(event("broadcast", 1));
    expect(offsets(machine.actions)).toEqual([3, 1]);
  });

  it("once, when a reset comes while a gap is being asked for", () => {
    const machine = live();
    machine.receive(event(topic, 12));
    machine.receive({ type: "reset", data: { ...at(0, { epoch: "e2" }), reason: "epoch_changed" } });
    machine.receive(event(topic, 1));
    answer(machine, at(1, { epoch: "e2", reason: "epoch_changed" }));
    machine.receive(event(topic, 2));
    expect(noticesOf(machine.actions, "lost")).toHaveLength(1);
    expect(offsets(machine.actions)).toEqual([1, 2]);
  });
});

describe("coming back", () => {
  it("resumes every topic in the URL and goes on without a hole", () => {
    const machine = live();
    machine.receive(event(topic, 11));
    machine.serverCloses(1006);
    const open = machine.step({ type: "timer", timer: "reconnect" });
    expect(openedUrl(open)).toBe(
      "ws://gateway/ws?subscriptions=transactions&since=broadcast@b1:3,transactions@e1:11",
    );
  });

  it.each([
    ["all of it", { recovered: true, replayed: 2 }, [12, 13, 14], 0],
    ["nothing of it", { recovered: false, replayed: 0, reason: "trimmed" as const }, [14], 1],
  ])("is handed what was missed: %s", (_, reply, expected, losses) => {
    const machine = live();
    machine.receive(event(topic, 11));
    machine.serverCloses(1006);
    machine.connected([
      at(13, reply),
      { topic: "broadcast", epoch: "b1", offset: 3, recovered: true, replayed: 0 },
    ]);
    machine.actions.length = 0;
    if (reply.recovered) for (const offset of [12, 13]) machine.receive(event(topic, offset));
    machine.receive(event(topic, 14));
    expect(offsets(machine.actions)).toEqual(expected);
    expect(machine.state.counts.lost).toBe(losses);
  });

  it("tells what was recovered", () => {
    const machine = live();
    machine.serverCloses(1006);
    machine.actions.length = 0;
    machine.connected([at(13, { recovered: true, replayed: 3 })]);
    expect(noticesOf(machine.actions, "recovered")).toEqual([{ type: "recovered", topic, replayed: 3 }]);
  });

  it("forgets a topic that only the earlier server had, and says nothing of a loss", () => {
    const machine = createMachine();
    machine.connected([{ topic: "server:server-1", epoch: "s1", offset: 8 }]);
    machine.serverCloses(1006);
    machine.connected([{ topic: "server:server-2", epoch: "s2", offset: 1 }]);
    expect([...machine.state.topics.keys()]).toEqual(["server:server-2"]);
    expect(noticesOf(machine.actions, "lost")).toEqual([]);
  });

  it("asks by frame where the server did not look at the position", () => {
    const machine = live();
    machine.serverCloses(1006);
    const actions = machine.connected([at(13)]);
    expect(sent(actions)).toMatchObject([{ type: "subscribe", data: { topic, since: place(10) } }]);
    machine.receive(event(topic, 14));
    expect(offsets(machine.actions)).toEqual([]);
  });

  it("asks by frame for what did not fit into the URL", () => {
    const machine = createMachine();
    const topics = Array.from({ length: 100 }, (_, n) => `token:${"M".repeat(40)}${n}`);
    for (const topic of topics) machine.step({ type: "subscribe", topic, since: place(1) });
    machine.step({ type: "connect" });
    const { asked } = machine.state;
    const actions = machine.receive({
      type: "connected",
      data: {
        connection_id: "c",
        server_id: "s",
        user_id: null,
        heartbeat_interval: 30,
        subscriptions: [...asked].map((topic) => ({ topic, ...place(1), recovered: true, replayed: 0 })),
        protocol: 1,
      },
    });
    expect(asked.size).toBeGreaterThan(10);
    expect(sent(actions).map(({ data }) => data)).toEqual(
      topics.filter((topic) => !asked.has(topic)).map((topic) => ({ topic, since: place(1) })),
    );
  });
});

describe("a subscription", () => {
  it("waits for the connection, and begins with the newest messages if it should", () => {
    const machine = createMachine();
    machine.step({ type: "subscribe", topic, last: 2 });
    expect(sent(machine.connected())).toMatchObject([{ type: "subscribe", data: { topic, last: 2 } }]);
    const actions = answer(machine, at(10, { replayed: 2 }));
    expect(noticesOf(actions, "subscribed")).toEqual([{ type: "subscribed", topic, position: place(8) }]);
    for (const offset of [9, 10, 11]) machine.receive(event(topic, offset));
    expect(offsets(machine.actions)).toEqual([9, 10, 11]);
    expect(machine.state.counts.lost).toBe(0);
  });

  it("that is refused ends with an error, and its topic is not asked for again", () => {
    const machine = createMachine();
    machine.connected();
    machine.step({ type: "subscribe", topic });
    expect(noticesOf(refuse(machine, "unknown_topic"), "error")).toEqual([
      { type: "error", code: "unknown_topic", message: "because", topic },
    ]);
    machine.serverCloses(1006);
    machine.actions.length = 0;
    expect(sent(machine.connected())).toEqual([]);
    expect(openedUrl(machine.actions)).toBe("ws://gateway/ws");
  });

  it("that the server is too busy for is asked for again, later each time", () => {
    const machine = createMachine();
    machine.connected();
    machine.step({ type: "subscribe", topic });
    const waits = Array.from({ length: 3 }, () => {
      const actions = refuse(machine, "rate_limited");
      expect(noticesOf(actions, "error")).toEqual([]);
      expect(sent(machine.step({ type: "timer", timer: `topic:${topic}` }))).toHaveLength(1);
      return timerMs(actions, `topic:${topic}`);
    });
    expect(waits).toEqual([750, 1_000, 1_500]);
  });

  it("to a topic that the server joined needs no request, and ends without one", () => {
    const machine = live();
    const actions = machine.step({ type: "subscribe", topic: "broadcast" });
    expect(actions).toEqual([
      { type: "emit", notice: { type: "subscribed", topic: "broadcast", position: place(3, "b1") } },
    ]);
    expect(sent(machine.step({ type: "unsubscribe", topic: "broadcast" }))).toEqual([]);
    machine.receive(event("broadcast", 4));
    expect(offsets(machine.actions)).toEqual([4]);
  });

  it("that ended hands out nothing more, and starts anew when it is asked for again", () => {
    const machine = live();
    expect(sent(machine.step({ type: "unsubscribe", topic }))).toEqual([
      { type: "unsubscribe", data: { topic } },
    ]);
    machine.receive(event(topic, 11));
    machine.step({ type: "subscribe", topic });
    machine.receive(event(topic, 12));
    answer(machine, at(12));
    machine.receive(event(topic, 13));
    expect(offsets(machine.actions)).toEqual([13]);
  });

  it("that ended while the URL with its topic was on its way is ended at the server", () => {
    const machine = createMachine();
    machine.step({ type: "subscribe", topic });
    machine.step({ type: "connect" });
    machine.step({ type: "unsubscribe", topic });
    expect(sent(machine.connected([at(3)]))).toEqual([{ type: "unsubscribe", data: { topic } }]);
  });
});
