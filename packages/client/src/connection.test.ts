import { describe, expect, it } from "vitest";
import { createMachine, event, noticesOf, openedUrl, sent, timerMs } from "./testing/machine.ts";

const states = (machine: ReturnType<typeof createMachine>) => noticesOf(machine.actions, "state");

describe("a close code", () => {
  it.each([1000, 1001, 1006, 3001, 3008, 3009, 3011, 3012, 3013, 4000])("%i is come back from", (code) => {
    const machine = createMachine();
    machine.connected();
    machine.serverCloses(code, "why");
    expect(states(machine).at(-1)).toEqual({
      type: "state",
      state: "waiting",
      reason: "why",
      code,
      delayMs: 750,
    });
  });

  it.each([1009, 3501, 3503, 3504, 3507, 3509, 4500])("%i is the end", (code) => {
    const machine = createMachine();
    machine.connected();
    const actions = machine.serverCloses(code, "why");
    expect(states(machine).at(-1)).toEqual({ type: "state", state: "closed", reason: "why", code });
    expect(actions.some(({ type }) => type === "setTimer")).toBe(false);
  });

  it("3001 is come back from after the delay that the server suggests", () => {
    const machine = createMachine();
    machine.connected();
    expect(timerMs(machine.serverCloses(3001, "shutdown; reconnect in 4321 ms"), "reconnect")).toBe(4_321);
  });
});

describe("the back-off", () => {
  it("grows while connections fail or do not last, and starts anew after one that lasted", () => {
    const machine = createMachine();
    machine.step({ type: "connect" });
    const fail = (lastedMs: number | null): number | undefined => {
      if (lastedMs !== null) {
        machine.connected();
        machine.pass(lastedMs);
      } else if (machine.state.phase === "waiting") {
        machine.step({ type: "timer", timer: "reconnect" });
      }
      return timerMs(machine.serverCloses(1006), "reconnect");
    };
    expect([null, null, 100, 4_999, 5_000, null].map(fail)).toEqual([750, 1_000, 1_500, 2_500, 750, 1_000]);
  });

  it("follows an attempt that the server does not answer", () => {
    const machine = createMachine();
    const actions = machine.step({ type: "connect" });
    // The gateway closes a connection without a token after 10 s, and says so.
    expect(timerMs(actions, "connect")).toBe(15_000);
    machine.step({ type: "timer", timer: "connect" });
    expect(machine.state.phase).toBe("waiting");
    expect(machine.actions).toContainEqual({ type: "endSession" });
  });
});

describe("silence", () => {
  it("of the interval and 10 s more is answered with a ping, and 10 s more with a new connection", () => {
    const machine = createMachine();
    expect(timerMs(machine.connected(), "silence")).toBe(40_000);
    machine.pass(40_000);
    const actions = machine.step({ type: "timer", timer: "silence" });
    expect(sent(actions)).toEqual([{ type: "ping", data: {} }]);
    expect(timerMs(actions, "pong")).toBe(10_000);
    machine.pass(10_000);
    machine.step({ type: "timer", timer: "pong" });
    expect(machine.state.phase).toBe("waiting");
    expect(states(machine).at(-1)).toMatchObject({ reason: "silence" });
  });

  it("is counted from the last frame, of whatever kind", () => {
    const machine = createMachine();
    machine.connected([{ topic: "broadcast", epoch: "e", offset: 0 }]);
    machine.pass(30_000);
    machine.receive(event("broadcast", 1));
    machine.pass(10_000);
    const actions = machine.step({ type: "timer", timer: "silence" });
    expect(sent(actions)).toEqual([]);
    expect(timerMs(actions, "silence")).toBe(30_000);
  });

  it("ends with any frame", () => {
    const machine = createMachine();
    machine.connected();
    machine.pass(40_000);
    machine.step({ type: "timer", timer: "silence" });
    machine.pass(9_000);
    const actions = machine.step({ type: "frame", session: machine.state.session, frame: null });
    expect(actions).toEqual([{ type: "setTimer", timer: "pong" }]);
  });
});

describe("a page that comes back", () => {
  it("asks at once whether its connection lives, and believes only an answer", () => {
    const machine = createMachine();
    machine.connected([{ topic: "broadcast", epoch: "e", offset: 0 }]);
    machine.pass(5_000);
    const actions = machine.step({ type: "wake" });
    expect(sent(actions)).toEqual([{ type: "ping", data: {} }]);
    expect(timerMs(actions, "pong")).toBeLessThan(3_000);
    const cancelled = { type: "setTimer", timer: "pong" };
    // It may have waited for the page to come back.
    expect(machine.receive(event("broadcast", 1))).not.toContainEqual(cancelled);
    expect(machine.receive({ type: "pong", data: {} })).toContainEqual(cancelled);
    expect(machine.state.phase).toBe("connected");
  });

  it("connects anew, from where it was, when there is no answer", () => {
    const machine = createMachine();
    machine.connected([{ topic: "broadcast", epoch: "e", offset: 3 }]);
    machine.step({ type: "wake" });
    machine.step({ type: "timer", timer: "pong" });
    expect(states(machine).at(-1)).toMatchObject({ state: "waiting", reason: "silence" });
    expect(openedUrl(machine.step({ type: "timer", timer: "reconnect" }))).toContain("since=broadcast@e:3");
  });

  it("does not wait for the back-off to pass", () => {
    const machine = createMachine();
    machine.connected();
    machine.serverCloses(1006);
    expect(openedUrl(machine.step({ type: "wake" }))).toBeDefined();
    expect(machine.step({ type: "timer", timer: "reconnect" })).toEqual([]);
  });
});

it("hands on why the server does not let it in", () => {
  const machine = createMachine();
  machine.step({ type: "connect" });
  machine.step({ type: "socketOpen", session: machine.state.session });
  const data = { code: "bad_query", message: "user_id must be something else." } as const;
  expect(machine.receive({ type: "error", data })).toEqual([
    { type: "emit", notice: { type: "error", ...data } },
  ]);
  machine.serverCloses(3501, "bad request: user_id");
  expect(states(machine).at(-1)).toMatchObject({ state: "closed", reason: "bad request: user_id" });
});

it("passes on what the server says of its broker, and its errors", () => {
  const machine = createMachine();
  machine.connected();
  machine.receive({ type: "degraded", data: { reason: "redis is away" } });
  machine.receive({ type: "restored", data: { reason: "redis is back" } });
  machine.receive({ type: "error", data: { code: "bad_json", message: "what?" } });
  expect(machine.actions.slice(-3)).toMatchObject([
    { notice: { type: "degraded", reason: "redis is away" } },
    { notice: { type: "restored", reason: "redis is back" } },
    { notice: { type: "error", code: "bad_json", message: "what?" } },
  ]);
});
