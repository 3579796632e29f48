import { describe, expect, it } from "vitest";
import { readLogsNotification, readSlotNotification } from "./notifications.ts";

const signature = "5".repeat(88);

describe("notifications of a node", () => {
  it("reads what happened and where", () => {
    const err = { InstructionError: [2, { Custom: 6001 }] };
    const value = { context: { slot: 7 }, value: { signature, err, logs: [] } };
    expect(readLogsNotification(value)).toEqual({ signature, slot: 7, err });
  });

  it("knows the signature of a simulation, behind which there is no transaction", () => {
    const value = { context: { slot: 7 }, value: { signature: "1".repeat(64), err: null, logs: [] } };
    expect(readLogsNotification(value)).toBe("simulation");
  });

  it.each([
    null,
    7,
    {},
    { context: { slot: 7 } },
    { context: {}, value: { signature, err: null } },
    { context: { slot: -1 }, value: { signature, err: null } },
    { context: { slot: 1.5 }, value: { signature, err: null } },
    { context: { slot: 7 }, value: { signature: "0OIl", err: null } },
    { context: { slot: 7 }, value: { err: null } },
  ])("takes nothing else: %j", (value) => {
    expect(readLogsNotification(value)).toBeNull();
  });

  it("reads slots", () => {
    expect(readSlotNotification({ slot: 76, parent: 75, root: 44 })).toEqual({
      slot: 76,
      skipped: 0,
      root: 44,
    });
    expect(readSlotNotification({ slot: 76, parent: 71 })).toEqual({ slot: 76, skipped: 4, root: null });
    expect(readSlotNotification({ slot: "76" })).toBeNull();
    expect(readSlotNotification(76)).toBeNull();
  });
});
