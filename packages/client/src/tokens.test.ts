import { describe, expect, it } from "vitest";
import type { Action } from "./events.ts";
import {
  connectedFrame,
  createMachine,
  noticesOf,
  openedUrl,
  sent,
  timerMs,
  type Machine,
} from "./testing/machine.ts";
import { tokenExpiry } from "./token-expiry.ts";

const machineWithTokens = () => createMachine({ usesToken: true });

/** Answers the request for a token that is open. */
function give(machine: Machine, token: string, livesMs: number | null = null): readonly Action[] {
  const expiresAtMs = livesMs === null ? null : machine.context.wallMs + livesMs;
  return machine.step({
    type: "tokenObtained",
    request: machine.state.tokenRequest ?? -1,
    token,
    expiresAtMs,
  });
}

function connectWith(token: string, livesMs: number | null = null): Machine {
  const machine = machineWithTokens();
  machine.step({ type: "connect" });
  give(machine, token, livesMs);
  machine.connected();
  return machine;
}

const fetches = (actions: readonly Action[]): number =>
  actions.filter(({ type }) => type === "fetchToken").length;
const lastState = (machine: Machine) => noticesOf(machine.actions, "state").at(-1);

describe("a token for the connection", () => {
  it("is asked for before the first attempt and used for the following ones: a storm does not reach whoever signs", () => {
    const machine = connectWith("one");
    expect(openedUrl(machine.actions)).toBe("ws://gateway/ws?token=one");
    for (let n = 0; n < 3; n += 1) {
      machine.serverCloses(1006);
      machine.connected();
    }
    expect(fetches(machine.actions)).toBe(1);
  });

  it("that expired is replaced before the topics are resumed", () => {
    const machine = machineWithTokens();
    machine.step({ type: "subscribe", topic: "transactions", since: { epoch: "e1", offset: 7 } });
    machine.step({ type: "connect" });
    give(machine, "one", 60_000);
    machine.connected([{ topic: "transactions", epoch: "e1", offset: 7, recovered: true, replayed: 0 }]);
    machine.serverCloses(1006);
    machine.pass(60_000);
    machine.step({ type: "timer", timer: "reconnect" });
    expect(machine.state.phase).toBe("authorizing");
    expect(openedUrl(give(machine, "two"))).toBe(
      "ws://gateway/ws?token=two&subscriptions=transactions&since=transactions@e1:7",
    );
  });

  it.each([3005, 3500])(
    "that was refused with %i is replaced; the same one again ends the client",
    (code) => {
      const machine = connectWith("one");
      machine.serverCloses(code);
      machine.step({ type: "timer", timer: "reconnect" });
      expect(openedUrl(give(machine, "two"))).toBe("ws://gateway/ws?token=two");
      machine.serverCloses(code);
      machine.step({ type: "timer", timer: "reconnect" });
      give(machine, "two");
      expect(lastState(machine)).toEqual({ type: "state", state: "closed", reason: "unauthorized" });
    },
  );

  it("that was accepted is not asked for again at the next reconnect", () => {
    const machine = connectWith("one");
    machine.serverCloses(3005);
    machine.step({ type: "timer", timer: "reconnect" });
    give(machine, "two");
    machine.connected();
    machine.serverCloses(1006);
    machine.actions.length = 0;
    machine.connected();
    expect(fetches(machine.actions)).toBe(0);
    expect(openedUrl(machine.actions)).toBe("ws://gateway/ws?token=two");
  });

  it.each([3005, 3500])("is not there: %i is the end", (code) => {
    const machine = createMachine();
    machine.connected();
    machine.serverCloses(code);
    expect(lastState(machine)).toMatchObject({ state: "closed", reason: "unauthorized", code });
  });

  it("that is empty ends the client", () => {
    const machine = machineWithTokens();
    machine.step({ type: "connect" });
    give(machine, "");
    expect(lastState(machine)).toMatchObject({ state: "closed", reason: "unauthorized" });
  });

  it("that never changes and is expired ends the client once the server said so", () => {
    const machine = machineWithTokens();
    machine.step({ type: "connect" });
    give(machine, "static", -1_000);
    expect(machine.state.phase).toBe("connecting");
    machine.serverCloses(3005, "token expired");
    machine.step({ type: "timer", timer: "reconnect" });
    give(machine, "static", -2_000);
    expect(lastState(machine)).toMatchObject({ state: "closed", reason: "unauthorized" });
  });

  it("that cannot be had, or not in time, is asked for again after a back-off", () => {
    const machine = machineWithTokens();
    const actions = machine.step({ type: "connect" });
    expect(timerMs(actions, "token")).toBe(10_000);
    machine.step({ type: "tokenFailed", request: machine.state.tokenRequest ?? -1, message: "no network" });
    expect(lastState(machine)).toMatchObject({ state: "waiting", delayMs: 750 });
    machine.step({ type: "timer", timer: "reconnect" });
    const late = machine.state.tokenRequest ?? -1;
    machine.step({ type: "timer", timer: "token" });
    expect(lastState(machine)).toMatchObject({ state: "waiting", delayMs: 1_000 });
    expect(noticesOf(machine.actions, "error").map(({ code }) => code)).toEqual([
      "token_unavailable",
      "token_unavailable",
    ]);
    expect(machine.step({ type: "tokenObtained", request: late, token: "late", expiresAtMs: null })).toEqual(
      [],
    );
  });
});

describe("a token that is too long for the URL", () => {
  const long = "t".repeat(2_000);

  it("is the first frame; its answer says until when it is good, and it stays in use", () => {
    const machine = machineWithTokens();
    machine.step({ type: "subscribe", topic: "transactions" });
    machine.step({ type: "connect" });
    expect(openedUrl(give(machine, long))).toBe("ws://gateway/ws?subscriptions=transactions");
    const { session } = machine.state;
    expect(machine.step({ type: "socketOpen", session })).toEqual([
      { type: "send", frame: { type: "auth", data: { token: long } } },
    ]);
    machine.receive(connectedFrame([{ topic: "transactions", epoch: "e1", offset: 0 }]));
    const expires_at = machine.context.wallMs / 1_000 + 300;
    const actions = machine.receive({ type: "authenticated", data: { user_id: "u", expires_at } });
    expect(timerMs(actions, "refresh")).toBe(270_000);
    machine.serverCloses(1006);
    machine.actions.length = 0;
    machine.connected();
    expect(fetches(machine.actions)).toBe(0);
    expect(sent(machine.actions)[0]).toEqual({ type: "auth", data: { token: long } });
  });

  it.each([3005, 3500])("and refused with %i is replaced; the same one again is the end", (code) => {
    const machine = machineWithTokens();
    machine.step({ type: "connect" });
    give(machine, long);
    machine.step({ type: "socketOpen", session: machine.state.session });
    machine.serverCloses(code);
    machine.step({ type: "timer", timer: "reconnect" });
    give(machine, long);
    expect(lastState(machine)).toEqual({ type: "state", state: "closed", reason: "unauthorized" });
  });

  it("is no matter to a short one: that is in the URL only", () => {
    expect(sent(connectWith("one").actions)).toEqual([]);
  });
});

describe("a refresh", () => {
  const minute = 60_000;

  it.each([
    [10 * minute, 10 * minute - 30_000],
    [minute, 45_000],
    [4_000, 5_000],
    [-minute, 5_000],
    [30 * 24 * 60 * minute, 24 * 60 * minute],
  ])("of a token that lives %i ms happens after %i ms", (livesMs, afterMs) => {
    expect(timerMs(connectWith("one", livesMs).actions, "refresh")).toBe(afterMs);
  });

  it("happens in band, and the next one is planned by what the server says", () => {
    const machine = connectWith("one", 10 * minute);
    machine.pass(9 * minute);
    expect(fetches(machine.step({ type: "timer", timer: "refresh" }))).toBe(1);
    const [frame] = sent(give(machine, "two", 10 * minute));
    expect(frame).toMatchObject({ type: "auth", data: { token: "two" } });
    const expiresAt = machine.context.wallMs / 1_000 + 300;
    const actions = machine.receive({
      type: "authenticated",
      ...(frame?.id === undefined ? {} : { id: frame.id }),
      data: { user_id: "u", expires_at: expiresAt },
    });
    expect(timerMs(actions, "refresh")).toBe(270_000);
    machine.serverCloses(1006);
    machine.actions.length = 0;
    machine.connected();
    expect(openedUrl(machine.actions)).toBe("ws://gateway/ws?token=two");
  });

  it("does not go on in the next session", () => {
    const machine = connectWith("one", 10 * minute);
    machine.step({ type: "timer", timer: "refresh" });
    const request = machine.state.tokenRequest ?? -1;
    expect(machine.serverCloses(1006)).toContainEqual({ type: "endSession" });
    machine.connected();
    const before = machine.state;
    expect(machine.step({ type: "tokenObtained", request, token: "two", expiresAtMs: null })).toEqual([]);
    expect(machine.step({ type: "tokenFailed", request, message: "no" })).toEqual([]);
    expect(machine.state).toBe(before);
  });

  it("that fails, or is not answered, is tried again and leaves the connection alone", () => {
    const machine = connectWith("one", 10 * minute);
    machine.step({ type: "timer", timer: "refresh" });
    const failed = machine.step({
      type: "tokenFailed",
      request: machine.state.tokenRequest ?? -1,
      message: "no",
    });
    expect(timerMs(failed, "refresh")).toBe(7_500);
    machine.step({ type: "timer", timer: "refresh" });
    expect(timerMs(machine.step({ type: "timer", timer: "token" }), "refresh")).toBe(7_500);
    machine.step({ type: "timer", timer: "refresh" });
    expect(timerMs(give(machine, "two"), "refresh")).toBe(10_000);
    expect(fetches(machine.step({ type: "timer", timer: "refresh" }))).toBe(1);
    expect(machine.state.phase).toBe("connected");
  });

  it("that the server refuses is tried again with another token only; the one that was accepted stays in use", () => {
    const machine = connectWith("one", 10 * minute);
    machine.step({ type: "timer", timer: "refresh" });
    const [frame] = sent(give(machine, "two"));
    machine.receive({
      type: "error",
      id: frame?.id ?? -1,
      data: { code: "unauthorized", message: "bad signature" },
    });
    machine.step({ type: "timer", timer: "refresh" });
    expect(sent(give(machine, "two"))).toEqual([]);
    machine.step({ type: "timer", timer: "refresh" });
    expect(sent(give(machine, "three"))).toMatchObject([{ type: "auth", data: { token: "three" } }]);
    expect(machine.state).toMatchObject({ phase: "connected", token: "one" });
  });

  it.each(["internal", "rate_limited"] as const)(
    "that the server could not look at (%s) is tried again with the same token",
    (code) => {
      const machine = connectWith("one", 10 * minute);
      machine.step({ type: "timer", timer: "refresh" });
      const [frame] = sent(give(machine, "two"));
      machine.receive({ type: "error", id: frame?.id ?? -1, data: { code, message: "later" } });
      machine.step({ type: "timer", timer: "refresh" });
      expect(sent(give(machine, "two"))).toMatchObject([{ type: "auth", data: { token: "two" } }]);
    },
  );
});

it("reads the expiry of a JWT and of nothing else", () => {
  const jwt = (payload: string) => `h.${Buffer.from(payload).toString("base64url")}.s`;
  expect(tokenExpiry(jwt('{"sub":"ü?>~","exp":1700000000}'))).toBe(1_700_000_000_000);
  expect(["", "abc", "a.b.c", jwt("{}"), jwt('{"exp":"x"}'), jwt("null")].map(tokenExpiry)).toEqual(
    Array.from({ length: 6 }, () => null),
  );
});
