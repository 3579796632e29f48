import type { ErrorCode, Position, Topic } from "@commcoin/protocol";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { Action, Event, TimerName } from "./events.ts";
import { createAdversary, epochOf, type Connection } from "./testing/adversary.ts";
import { createMachine } from "./testing/machine.ts";

const TOPICS = ["transactions", "market_data", "token:abc"];
const ALL = [...TOPICS, "broadcast", "server:s0", "server:s1"];

const topic = fc.constantFrom(...TOPICS);
const anyTopic = fc.constantFrom(...ALL);
const fault = fc.constantFrom(
  "none" as const,
  "none" as const,
  "none" as const,
  "drop" as const,
  "duplicate" as const,
);
const code = fc.constantFrom(1006, 1006, 3001, 3008, 3503);
const refusal = fc.constantFrom<ErrorCode[]>(
  "rate_limited",
  "internal",
  "forbidden",
  "too_many_subscriptions",
);
const index = fc.nat(8);

const command = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("publish" as const), topic: anyTopic, fault }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("deliver" as const), count: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("process" as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("fire" as const), index }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("swap" as const), index }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("subscribe" as const),
      topic: anyTopic,
      last: fc.option(fc.integer({ min: 1, max: 3 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("unsubscribe" as const), topic: anyTopic }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("close" as const), code }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("refuse" as const), code: refusal }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reset" as const), topic: anyTopic }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("trim" as const),
      topic,
      messages: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("app" as const),
      event: fc.constantFrom("connect" as const, "close" as const, "online" as const, "offline" as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("stale" as const, "lose" as const, "forget" as const) }),
  },
);
type Command = typeof command extends fc.Arbitrary<infer Of> ? Of : never;

/** The client against the adversary. Every message and every loss is checked as it comes. */
function createWorld() {
  const server = createAdversary();
  const machine = createMachine();
  const timers = new Map<TimerName, number>();
  /** Where the application believes each topic to be; a topic that it has just begun to follow may be anywhere. */
  const cursors = new Map<Topic, Position>();
  const wanted = new Set<Topic>();
  let earlier: Connection | null = null;

  function perform(action: Action): void {
    if (action.type === "open") {
      expect(server.connection).toBeNull();
      server.open(action.session, action.url);
      step({ type: "socketOpen", session: action.session });
    } else if (action.type === "endSession") {
      timers.clear();
      earlier = server.connection ?? earlier;
      server.connection = null;
    } else if (action.type === "send") server.connection?.inbox.push(action.frame);
    else if (action.type === "setTimer") {
      if (action.ms === undefined) timers.delete(action.timer);
      else timers.set(action.timer, action.ms);
    } else if (action.type === "emit" && action.notice.type === "error") {
      expect(["forbidden", "too_many_subscriptions"]).toContain(action.notice.code);
      wanted.delete(action.notice.topic ?? "");
    } else if (action.type === "emit" && action.notice.type === "message") {
      const { message } = action.notice;
      const at = cursors.get(message.topic) ?? { epoch: epochOf(message), offset: message.offset - 1 };
      expect({ epoch: epochOf(message), offset: message.offset }).toEqual({ ...at, offset: at.offset + 1 });
      cursors.set(message.topic, { ...at, offset: message.offset });
    } else if (action.type === "emit" && action.notice.type === "lost") {
      const { topic, from, to } = action.notice;
      expect(cursors.get(topic) ?? from).toEqual(from);
      expect(from).not.toEqual(to);
      cursors.set(topic, to);
    } else if (action.type === "emit" && action.notice.type === "subscribed") {
      const { topic, position } = action.notice;
      expect(cursors.get(topic) ?? position).toEqual(position);
      cursors.set(topic, position);
    }
  }

  function step(event: Event): void {
    for (const action of machine.step(event)) perform(action);
    for (const topic of cursors.keys()) if (!machine.state.topics.has(topic)) cursors.delete(topic);
    machine.actions.length = 0;
  }

  function fire(timer: TimerName): void {
    machine.pass(timers.get(timer) ?? 0);
    timers.delete(timer);
    step({ type: "timer", timer });
  }

  function deliver(): boolean {
    const connection = server.connection;
    const frame = connection?.queue.shift();
    if (connection === null || frame === undefined) return false;
    step({ type: "frame", session: connection.session, frame });
    return true;
  }

  function run(command: Command): void {
    switch (command.do) {
      case "publish":
        return server.publish(command.topic, command.fault);
      case "deliver":
        for (let n = 0; n < command.count; n += 1) deliver();
        return;
      case "process":
        server.process();
        return;
      case "fire": {
        const timer = [...timers.keys()][command.index % Math.max(1, timers.size)];
        if (timer !== undefined) fire(timer);
        return;
      }
      case "swap":
        return server.swap(command.index);
      case "subscribe":
        wanted.add(command.topic);
        return step({
          type: "subscribe",
          topic: command.topic,
          ...(command.last === null ? {} : { last: command.last }),
        });
      case "unsubscribe":
        wanted.delete(command.topic);
        return step({ type: "unsubscribe", topic: command.topic });
      case "close": {
        const session = server.connection?.session;
        earlier = server.connection ?? earlier;
        server.connection = null;
        if (session !== undefined) step({ type: "socketClosed", session, code: command.code, reason: "" });
        return;
      }
      case "refuse":
        server.refusal = command.code;
        return;
      case "reset":
        return server.reset(command.topic);
      case "trim":
        return server.trim(command.topic, command.messages);
      case "app":
        return step({ type: command.event });
      case "stale": {
        const frame = earlier?.queue.shift();
        if (earlier !== null && frame !== undefined) step({ type: "frame", session: earlier.session, frame });
        return;
      }
      case "lose":
        server.connection?.inbox.shift();
        return;
      case "forget":
        server.forgetful = true;
    }
  }

  /** The adversary tires: everything that is on its way arrives, every timer that matters fires. */
  function settle(): void {
    server.refusal = null;
    step({ type: "online" });
    step({ type: "connect" });
    for (let round = 0; round < 200; round += 1) {
      while (server.process() || deliver());
      const timer = [...timers.keys()].find((name) => name === "reconnect" || name.startsWith("topic:"));
      if (timer === undefined) return;
      fire(timer);
    }
    throw new Error("does not come to rest");
  }

  return { server, machine, wanted, run, settle };
}

it("hands every message out once and in order, or says what is lost, whatever server and network do", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 120, size: "max" }), (commands) => {
      const { server, machine, wanted, run, settle } = createWorld();
      run({ do: "app", event: "connect" });
      for (const command of commands) run(command);
      settle();
      // What was dropped last is noticed with the next message.
      for (const topic of ALL) server.publish(topic, "none");
      settle();
      expect(machine.state.phase).toBe("connected");
      expect([...machine.state.topics.keys()]).toEqual(expect.arrayContaining([...wanted]));
      for (const [topic, { position, joined, blocked }] of machine.state.topics) {
        expect({ topic, position, joined, blocked }).toEqual({
          topic,
          position: server.position(topic),
          joined: true,
          blocked: false,
        });
      }
    }),
    { numRuns: 1_000 },
  );
});
