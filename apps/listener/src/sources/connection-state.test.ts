import { describe, expect, it } from "vitest";
import { checkMachine } from "../testing/check-machine.ts";
import {
  CONNECTION_START,
  nextConnection,
  type ConnectionCommand,
  type ConnectionEventType,
  type ConnectionStateName,
} from "./connection-state.ts";

/** What every event leads to in every state, with the commands that follow; `-` where nothing changes. */
const TABLE: Record<ConnectionStateName, Record<ConnectionEventType, string>> = {
  idle: {
    start: "connecting open",
    opened: "-",
    acknowledged: "-",
    lost: "-",
    retry: "-",
    stop: "stopped",
  },
  connecting: {
    start: "-",
    opened: "subscribing subscribe_to_slots",
    acknowledged: "-",
    lost: "backing_off close wait",
    retry: "-",
    stop: "stopped close",
  },
  subscribing: {
    start: "-",
    opened: "-",
    acknowledged: "live announce",
    lost: "backing_off close wait",
    retry: "-",
    stop: "stopped close",
  },
  live: {
    start: "-",
    opened: "-",
    acknowledged: "-",
    lost: "backing_off close wait",
    retry: "-",
    stop: "stopped close",
  },
  backing_off: {
    start: "-",
    opened: "-",
    acknowledged: "-",
    lost: "-",
    retry: "connecting open",
    stop: "stopped cancel_wait",
  },
  stopped: { start: "-", opened: "-", acknowledged: "-", lost: "-", retry: "-", stop: "-" },
};

const INSIDE = ["start", "stop"] as const;

describe("the states of a connection", () => {
  it("have an answer for every event, and none for one of an earlier attempt", () => {
    const { states, table } = checkMachine({ next: nextConnection, table: TABLE, free: INSIDE });
    expect(states).toEqual(table);
  });

  it("keep their rules whatever happens", () => {
    checkMachine({ next: nextConnection, table: TABLE, free: INSIDE }).random(CONNECTION_START, () => {
      const done: ConnectionCommand[] = [];
      const count = (command: ConnectionCommand): number => done.filter((each) => each === command).length;
      return ({ state, commands }) => {
        done.push(...commands);
        const open = count("open") - count("close");
        expect(open).toBe(Number(["connecting", "subscribing", "live"].includes(state.name)));
        // A back-off ends by itself, with the next attempt, or is called off.
        const waits = count("wait") - count("cancel_wait") - Math.max(0, count("open") - 1);
        expect(waits).toBe(Number(state.name === "backing_off"));
        expect(state.generation).toBe(count("open"));
        expect(done.at(-1) === "announce").toBe(state.name === "live");
        expect(done.filter((each, n) => each === "announce" && done[n - 1] !== "subscribe_to_slots")).toEqual(
          [],
        );
      };
    });
  });
});
