import { describe, expect, it } from "vitest";
import { createKnownPositions, type ChainedPosition } from "./known-positions.ts";

const TOPIC = "transactions";
const at = (offset: number, chain: string, epoch = "one"): ChainedPosition => ({ epoch, offset, chain });

describe("known positions", () => {
  it("move with every message that follows the one before", () => {
    const known = createKnownPositions();
    known.note(TOPIC, at(5, "e"));
    expect(known.follow(TOPIC, at(6, "f"), "e")).toBe(true);
    expect(known.follow(TOPIC, at(7, "g"), "f")).toBe(true);
    expect(known.get(TOPIC)).toEqual(at(7, "g"));
  });

  it("stay where they are at a message that follows another one, and at another one at the same offset", () => {
    const known = createKnownPositions();
    known.note(TOPIC, at(5, "e"));
    expect(known.follow(TOPIC, at(6, "f"), "x")).toBe(false);
    expect(known.follow(TOPIC, at(5, "x"), "d")).toBe(false);
    expect(known.follow(TOPIC, at(5, "e"), "d")).toBe(true);
    expect(known.get(TOPIC)).toEqual(at(5, "e"));
  });

  it("do not judge what is behind a hole, older, or of another epoch, and do not move there either", () => {
    const known = createKnownPositions();
    known.note(TOPIC, at(5, "e"));
    expect(known.follow(TOPIC, at(8, "h"), "g")).toBe(true);
    expect(known.follow(TOPIC, at(3, "x"), "y")).toBe(true);
    expect(known.follow(TOPIC, at(1, "a", "two"), "")).toBe(true);
    expect(known.get(TOPIC)).toEqual(at(5, "e"));
  });

  it("follow what Redis says, unless it was said before something newer came", () => {
    const known = createKnownPositions();
    known.note(TOPIC, at(5, "e"));
    known.note(TOPIC, at(4, "d"));
    expect(known.get(TOPIC)).toEqual(at(5, "e"));
    known.note(TOPIC, at(1, "a", "two"));
    expect(known.get(TOPIC)).toEqual(at(1, "a", "two"));
  });
});
