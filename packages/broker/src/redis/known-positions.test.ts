import { describe, expect, it } from "vitest";
import { createKnownPositions, type ChainedPosition, type KnownPosition } from "./known-positions.ts";

const TOPIC = "transactions";
const at = (offset: number, chain: string, epoch = "one"): ChainedPosition => ({ epoch, offset, chain });
const known = (position: ChainedPosition, ended = ""): KnownPosition => ({ ...position, ended });

describe("known positions", () => {
  it("move with every message that follows the one before", () => {
    const positions = createKnownPositions();
    positions.note(TOPIC, at(5, "e"));
    expect(positions.follow(TOPIC, at(6, "f"), "e")).toBe(true);
    expect(positions.follow(TOPIC, at(7, "g"), "f")).toBe(true);
    expect(positions.get(TOPIC)).toEqual(known(at(7, "g")));
  });

  it("stay where they are at a message that follows another one, and at another one at the same offset", () => {
    const positions = createKnownPositions();
    positions.note(TOPIC, at(5, "e"));
    expect(positions.follow(TOPIC, at(6, "f"), "x")).toBe(false);
    expect(positions.follow(TOPIC, at(5, "x"), "d")).toBe(false);
    expect(positions.follow(TOPIC, at(5, "e"), "d")).toBe(true);
    expect(positions.get(TOPIC)).toEqual(known(at(5, "e")));
  });

  it("do not judge what is behind a hole, older, or of another epoch, and do not move there either", () => {
    const positions = createKnownPositions();
    positions.note(TOPIC, at(5, "e"));
    expect(positions.follow(TOPIC, at(8, "h"), "g")).toBe(true);
    expect(positions.follow(TOPIC, at(3, "x"), "y")).toBe(true);
    expect(positions.follow(TOPIC, at(1, "a", "two"), "")).toBe(true);
    expect(positions.get(TOPIC)).toEqual(known(at(5, "e")));
  });

  it("follow what Redis says, unless it was said before something newer came", () => {
    const positions = createKnownPositions();
    positions.note(TOPIC, at(5, "e"));
    positions.note(TOPIC, at(4, "d"));
    expect(positions.get(TOPIC)).toEqual(known(at(5, "e")));
    positions.note(TOPIC, at(1, "a", "two"));
    expect(positions.get(TOPIC)).toEqual(known(at(1, "a", "two"), "one"));
  });

  it("know which epochs have ended, and never go back to one", () => {
    const positions = createKnownPositions();
    positions.note(TOPIC, at(5, "e"));
    positions.note(TOPIC, at(2, "b", "two"));
    positions.note(TOPIC, at(9, "i"));
    expect(positions.follow(TOPIC, at(6, "f"), "e")).toBe(false);
    expect(positions.follow(TOPIC, at(3, "c", "two"), "b")).toBe(true);
    for (const epoch of ["three", "four", "five", "six"]) positions.note(TOPIC, at(1, "a", epoch));
    expect(positions.get(TOPIC)).toEqual(known(at(1, "a", "six"), "two three four five"));
  });

  it("stay in an epoch with messages when an answer tells of one that has none", () => {
    const positions = createKnownPositions();
    positions.note(TOPIC, at(0, "", "empty"));
    positions.note(TOPIC, at(5, "e"));
    positions.note(TOPIC, at(0, "", "two"));
    expect(positions.get(TOPIC)).toEqual(known(at(5, "e")));
  });
});
