import { describe, expect, it } from "vitest";
import { createKnownPositions, type ChainedPosition } from "./known-positions.ts";

const TOPIC = "transactions";
const at = (offset: number, chain: string, epoch = "one"): ChainedPosition => ({ epoch, offset, chain });
const AHEAD_OF_NOTHING = { offset: 0, chain: "" };

describe("known positions", () => {
  it("move with every message that follows the one before", () => {
    const positions = createKnownPositions();
    positions.note(TOPIC, at(5, "e"));
    expect(positions.follow(TOPIC, at(6, "f"), "e")).toBe(true);
    expect(positions.follow(TOPIC, at(7, "g"), "f")).toBe(true);
    expect(positions.get(TOPIC)).toEqual({ ...at(7, "g"), ahead: AHEAD_OF_NOTHING, ended: "" });
  });

  it("stay where they are at a message that follows another one, and at another one at the same offset", () => {
    const positions = createKnownPositions();
    positions.note(TOPIC, at(5, "e"));
    expect(positions.follow(TOPIC, at(6, "f"), "x")).toBe(false);
    expect(positions.follow(TOPIC, at(5, "x"), "d")).toBe(false);
    expect(positions.follow(TOPIC, at(5, "e"), "d")).toBe(true);
    expect(positions.follow(TOPIC, at(3, "x"), "y")).toBe(true);
    expect(positions.get(TOPIC)).toMatchObject(at(5, "e"));
  });

  it("know what comes behind a hole as well, and move there when the hole is known to be filled", () => {
    const positions = createKnownPositions();
    positions.note(TOPIC, at(5, "e"));
    expect(positions.follow(TOPIC, at(7, "g"), "f")).toBe(true);
    expect(positions.follow(TOPIC, at(8, "h"), "g")).toBe(true);
    expect(positions.follow(TOPIC, at(8, "x"), "g")).toBe(false);
    expect(positions.follow(TOPIC, at(9, "i"), "x")).toBe(false);
    expect(positions.get(TOPIC)).toMatchObject({ ...at(5, "e"), ahead: { offset: 8, chain: "h" } });
    positions.note(TOPIC, at(6, "f"));
    expect(positions.get(TOPIC)).toEqual({ ...at(8, "h"), ahead: AHEAD_OF_NOTHING, ended: "" });
    expect(positions.follow(TOPIC, at(9, "i"), "x")).toBe(false);
    expect(positions.follow(TOPIC, at(9, "i"), "h")).toBe(true);
  });

  it("begin anew behind a second hole, and stay before it until it is filled", () => {
    const positions = createKnownPositions();
    positions.note(TOPIC, at(5, "e"));
    positions.follow(TOPIC, at(7, "g"), "f");
    expect(positions.follow(TOPIC, at(12, "l"), "k")).toBe(true);
    positions.note(TOPIC, at(9, "i"));
    expect(positions.get(TOPIC)).toMatchObject({ ...at(9, "i"), ahead: { offset: 12, chain: "l" } });
    positions.note(TOPIC, at(14, "n"));
    expect(positions.get(TOPIC)).toMatchObject({ ...at(14, "n"), ahead: AHEAD_OF_NOTHING });
  });

  it("are those of live messages that came before the answer where the topic stands", () => {
    const positions = createKnownPositions();
    for (const [offset, chain, before] of [
      [6, "f", "e"],
      [7, "g", "f"],
    ] as const) {
      expect(positions.follow(TOPIC, at(offset, chain), before)).toBe(true);
    }
    positions.note(TOPIC, at(5, "e"));
    expect(positions.get(TOPIC)).toMatchObject(at(7, "g"));
    expect(positions.follow(TOPIC, at(8, "h"), "x")).toBe(false);
  });

  it("follow what Redis says, unless it was said before something newer came", () => {
    const positions = createKnownPositions();
    positions.note(TOPIC, at(5, "e"));
    positions.note(TOPIC, at(4, "d"));
    expect(positions.get(TOPIC)).toMatchObject(at(5, "e"));
    positions.note(TOPIC, at(1, "a", "two"));
    expect(positions.get(TOPIC)).toMatchObject({ ...at(1, "a", "two"), ended: "one" });
  });

  it("move to another epoch with its first message, and not with a later one before Redis said so", () => {
    const positions = createKnownPositions();
    positions.note(TOPIC, at(5, "e"));
    expect(positions.follow(TOPIC, at(3, "c", "two"), "b")).toBe(true);
    expect(positions.get(TOPIC)).toMatchObject({ ...at(5, "e"), ahead: AHEAD_OF_NOTHING });
    positions.note(TOPIC, at(2, "b", "two"));
    expect(positions.get(TOPIC)).toMatchObject({ ...at(3, "c", "two"), ended: "one" });
    expect(positions.follow(TOPIC, at(1, "a", "three"), "")).toBe(true);
    expect(positions.get(TOPIC)).toMatchObject({ ...at(1, "a", "three"), ended: "one two" });
  });

  it("know which epochs have ended, and never go back to one", () => {
    const positions = createKnownPositions();
    positions.note(TOPIC, at(5, "e"));
    positions.note(TOPIC, at(2, "b", "two"));
    positions.note(TOPIC, at(9, "i"));
    expect(positions.follow(TOPIC, at(6, "f"), "e")).toBe(false);
    expect(positions.follow(TOPIC, at(3, "c", "two"), "b")).toBe(true);
    for (const epoch of ["three", "four", "five", "six"]) positions.note(TOPIC, at(1, "a", epoch));
    expect(positions.get(TOPIC)).toMatchObject({ ...at(1, "a", "six"), ended: "two three four five" });
  });

  it("stay in an epoch with messages when an answer tells of one that has none", () => {
    const positions = createKnownPositions();
    positions.note(TOPIC, at(0, "", "empty"));
    positions.note(TOPIC, at(5, "e"));
    positions.note(TOPIC, at(0, "", "two"));
    expect(positions.get(TOPIC)).toMatchObject({ ...at(5, "e"), ended: "" });
  });

  it("are kept for topics in use, however many others come and go", () => {
    const positions = createKnownPositions();
    positions.note(TOPIC, at(5, "e"));
    positions.note("quiet", at(5, "e"));
    for (let other = 0; other < 60_000; other += 1) {
      if (other % 10_000 === 0) positions.follow(TOPIC, at(5, "e"), "d");
      positions.note(`token:${other}`, at(1, "a"));
    }
    expect(positions.get(TOPIC)).toMatchObject(at(5, "e"));
    expect(positions.get("quiet").epoch).toBe("");
  });
});
