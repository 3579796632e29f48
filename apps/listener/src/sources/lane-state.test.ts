import { describe, expect, it } from "vitest";
import { checkMachine } from "../testing/check-machine.ts";
import {
  admit,
  LANE_START,
  nextLane,
  type LaneCommand,
  type LaneEventType,
  type LaneStateName,
} from "./lane-state.ts";

/** What every event leads to in every state, with the commands that follow; `-` where nothing changes. */
const TABLE: Record<LaneStateName, Record<LaneEventType, string>> = {
  idle: {
    connected: "subscribing subscribe",
    disconnected: "-",
    acknowledged: "-",
    caught_up: "-",
    failed: "-",
    retry: "-",
    stop: "stopped",
  },
  subscribing: {
    connected: "-",
    disconnected: "idle end",
    acknowledged: "backfilling backfill",
    caught_up: "-",
    failed: "backing_off end wait",
    retry: "-",
    stop: "stopped end",
  },
  backfilling: {
    connected: "-",
    disconnected: "idle end",
    acknowledged: "-",
    caught_up: "live go_live",
    failed: "backing_off end wait",
    retry: "-",
    stop: "stopped end",
  },
  live: {
    connected: "-",
    disconnected: "idle end",
    acknowledged: "-",
    caught_up: "-",
    failed: "backing_off end wait",
    retry: "-",
    stop: "stopped end",
  },
  backing_off: {
    connected: "-",
    disconnected: "idle cancel_wait",
    acknowledged: "-",
    caught_up: "-",
    failed: "-",
    retry: "subscribing subscribe",
    stop: "stopped cancel_wait",
  },
  stopped: {
    connected: "-",
    disconnected: "-",
    acknowledged: "-",
    caught_up: "-",
    failed: "-",
    retry: "-",
    stop: "-",
  },
};

const OUTSIDE = ["connected", "disconnected", "stop"] as const;

describe("the states of a lane", () => {
  it("have an answer for every event, and none for one of an earlier attempt", () => {
    const { states, table } = checkMachine({ next: nextLane, table: TABLE, free: OUTSIDE });
    expect(states).toEqual(table);
  });

  it("keep their rules whatever happens: one attempt at a time, and live only behind a catch-up", () => {
    checkMachine({ next: nextLane, table: TABLE, free: OUTSIDE }).random(LANE_START, () => {
      const done: LaneCommand[] = [];
      const count = (command: LaneCommand): number => done.filter((each) => each === command).length;
      let caughtUp = -1;
      return ({ state, commands }, event) => {
        done.push(...commands);
        const open = count("subscribe") - count("end");
        expect(open).toBe(Number(["subscribing", "backfilling", "live"].includes(state.name)));
        expect(state.generation).toBe(count("subscribe"));
        if (event.type === "caught_up" && commands.includes("go_live")) caughtUp = event.generation ?? -1;
        const isLive = state.name === "live";
        expect(isLive && caughtUp !== state.generation).toBe(false);
        expect(done.slice(-3).join(" ") === "subscribe backfill go_live").toBe(isLive);
      };
    });
  });

  it("let notifications of the present attempt through only, and hold them until it has caught up", () => {
    const admitted = Object.keys(TABLE).map((name) =>
      admit({ name: name as LaneStateName, generation: 3 }, 3),
    );
    expect(admitted).toEqual(["drop", "hold", "hold", "pass", "drop", "drop"]);
    for (const name of Object.keys(TABLE)) {
      expect(admit({ name: name as LaneStateName, generation: 3 }, 2)).toBe("drop");
    }
  });
});
