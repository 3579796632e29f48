import { describe, expect, it } from "vitest";
import type { Event, EventType } from "./events.ts";
import type { Phase, State } from "./state.ts";
import {
  connectedFrame,
  createMachine,
  event,
  noticesOf,
  offsets,
  sent,
  type Machine,
} from "./testing/machine.ts";

/** The shortest way into each phase. */
const into: Readonly<Record<Phase, () => Machine>> = {
  idle: () => createMachine(),
  authorizing: () => after(createMachine({ usesToken: true }), { type: "connect" }),
  connecting: () => after(createMachine(), { type: "connect" }),
  connected: () => {
    const machine = createMachine();
    machine.connected([{ topic: "broadcast", epoch: "e1", offset: 0 }]);
    return machine;
  },
  waiting: () => {
    const machine = into.connecting();
    machine.serverCloses(1006);
    return machine;
  },
  offline: () => after(into.connecting(), { type: "offline" }),
  closed: () => after(into.connecting(), { type: "close" }),
};

function after(machine: Machine, ...events: readonly Event[]): Machine {
  for (const event of events) machine.step(event);
  return machine;
}

/** One event of each type, addressed to the session and the request that are current. */
const now: Readonly<Record<EventType, (state: State) => Event>> = {
  connect: () => ({ type: "connect" }),
  close: () => ({ type: "close" }),
  online: () => ({ type: "online" }),
  offline: () => ({ type: "offline" }),
  wake: () => ({ type: "wake" }),
  subscribe: () => ({ type: "subscribe", topic: "transactions" }),
  unsubscribe: () => ({ type: "unsubscribe", topic: "transactions" }),
  tokenObtained: ({ tokenRequest }) => ({
    type: "tokenObtained",
    request: tokenRequest ?? -1,
    token: "t",
    expiresAtMs: null,
  }),
  tokenFailed: ({ tokenRequest }) => ({ type: "tokenFailed", request: tokenRequest ?? -1, message: "no" }),
  socketOpen: ({ session }) => ({ type: "socketOpen", session }),
  frame: ({ session }) => ({ type: "frame", session, frame: connectedFrame([]) }),
  socketClosed: ({ session }) => ({ type: "socketClosed", session, code: 1006, reason: "" }),
  timer: () => ({ type: "timer", timer: "reconnect" }),
};

const stays = (phase: Phase): Record<EventType, Phase> => ({
  connect: phase,
  close: "closed",
  online: phase,
  offline: "offline",
  wake: phase,
  subscribe: phase,
  unsubscribe: phase,
  tokenObtained: phase,
  tokenFailed: phase,
  socketOpen: phase,
  frame: phase,
  socketClosed: phase,
  timer: phase,
});

/** Where each event leads from each phase. */
const table: Record<Phase, Record<EventType, Phase>> = {
  idle: { ...stays("idle"), connect: "connecting", offline: "idle" },
  authorizing: { ...stays("authorizing"), tokenObtained: "connecting", tokenFailed: "waiting" },
  connecting: { ...stays("connecting"), frame: "connected", socketClosed: "waiting" },
  connected: { ...stays("connected"), socketClosed: "waiting" },
  waiting: { ...stays("waiting"), connect: "connecting", wake: "connecting", timer: "connecting" },
  offline: { ...stays("offline"), online: "connecting" },
  closed: { ...stays("closed"), connect: "connecting", offline: "closed" },
};

const cells = Object.entries(table).flatMap(([phase, row]) =>
  Object.entries(row).map(([type, next]) => ({ phase: phase as Phase, type: type as EventType, next })),
);

describe("every event in every phase", () => {
  it.each(cells)("$phase + $type → $next", ({ phase, type, next }) => {
    const machine = into[phase]();
    expect(machine.state.phase).toBe(phase);
    machine.step(now[type](machine.state));
    expect(machine.state.phase).toBe(next);
  });

  const answers = cells.filter(({ type }) =>
    ["tokenObtained", "tokenFailed", "socketOpen", "frame", "socketClosed"].includes(type),
  );
  it.each(answers)("$phase + $type of an earlier session or request changes nothing", ({ phase, type }) => {
    const machine = into[phase]();
    const before = machine.state;
    const earlier = { ...before, session: before.session - 1, tokenRequest: null };
    expect(machine.step(now[type](earlier))).toEqual([]);
    expect(machine.state).toBe(before);
  });
});

describe("laws", () => {
  const phases = Object.keys(into) as Phase[];

  it.each(phases)("closing ends everything, and closing twice is closing once, from %s", (phase) => {
    const machine = into[phase]();
    machine.step({ type: "close" });
    expect(machine.actions).toEqual(expect.arrayContaining([{ type: "endSession" }]));
    const { state } = machine;
    for (const type of ["close", "tokenObtained", "socketOpen", "frame", "socketClosed", "timer"] as const) {
      expect(machine.step(now[type](state))).toEqual([]);
    }
  });

  it.each(phases.filter((phase) => phase !== "connected"))(
    "subscribing and unsubscribing again is nothing, from %s",
    (phase) => {
      const machine = into[phase]();
      const before = machine.state;
      after(
        machine,
        { type: "subscribe", topic: "transactions" },
        { type: "unsubscribe", topic: "transactions" },
      );
      expect(machine.state).toEqual(before);
      expect(sent(machine.actions)).toEqual([]);
    },
  );

  it("losing and finding the network keeps topics and positions", () => {
    const machine = createMachine();
    after(machine, { type: "subscribe", topic: "transactions" });
    machine.connected([{ topic: "transactions", epoch: "e1", offset: 4 }]);
    machine.receive(event("transactions", 5));
    after(machine, { type: "offline" }, { type: "online" });
    expect(machine.state.phase).toBe("connecting");
    expect(machine.state.topics.get("transactions")).toMatchObject({
      wanted: true,
      position: { epoch: "e1", offset: 5 },
    });
  });

  it("a message is handed out once, however often it arrives", () => {
    const machine = createMachine();
    machine.connected([{ topic: "broadcast", epoch: "e1", offset: 0 }]);
    for (const offset of [1, 1, 2, 1, 2, 2, 3]) machine.receive(event("broadcast", offset));
    expect(offsets(machine.actions)).toEqual([1, 2, 3]);
    expect(machine.state.counts).toMatchObject({ delivered: 3, duplicates: 4, gaps: 0, lost: 0 });
  });

  it("does not change the state that it was given", () => {
    const machine = into.connected();
    const before = structuredClone(machine.state);
    const frozen = machine.state;
    after(machine, { type: "subscribe", topic: "transactions" });
    machine.receive(event("broadcast", 1));
    machine.serverCloses(1006);
    expect(frozen).toEqual(before);
  });
});

describe("offline", () => {
  it("makes no attempt while the browser says that there is no network", () => {
    const machine = after(createMachine(), { type: "offline" }, { type: "connect" });
    expect(machine.state.phase).toBe("offline");
    expect(machine.actions.some(({ type }) => type === "open")).toBe(false);
    expect(noticesOf(machine.actions, "state").map(({ state }) => state)).toEqual(["offline"]);
    machine.step({ type: "online" });
    expect(machine.state.phase).toBe("connecting");
  });
});
