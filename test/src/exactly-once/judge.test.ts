import { describe, expect, it } from "vitest";
import { DeliveryLog } from "./delivery-log.ts";
import { isKept, judge, type Verdict } from "./judge.ts";
import { createRecord } from "./record.ts";

const TOPIC = "transactions";
const MESSAGES = 10;
/** Message n stands at offset n + 1. */
const published = () => {
  const record = createRecord();
  for (let n = 0; n < MESSAGES; n += 1) record.note(TOPIC, n, { epoch: "one", offset: n + 1 });
  return record;
};
const logOf = (numbers: readonly number[], from = 0): DeliveryLog => {
  const log = new DeliveryLog(TOPIC, { epoch: "one", offset: from });
  for (const number of numbers) log.message(number + 1, number);
  return log;
};
const verdictOn = (log: DeliveryLog, record = published()): Verdict => judge([log], record.topics());
const faults = ({ lost, duplicated, reordered, renumbered }: Verdict) => ({
  lost,
  duplicated,
  reordered,
  renumbered,
});
const NONE = { lost: 0, duplicated: 0, reordered: 0, renumbered: 0 };
const ALL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

describe("judge", () => {
  it("has nothing to say of a client that was handed everything once and in order", () => {
    const verdict = verdictOn(logOf(ALL));
    expect(verdict).toMatchObject({
      ...NONE,
      expected: 10,
      delivered: 10,
      told: 0,
      repeated: 0,
      examples: [],
    });
    expect(isKept(verdict)).toBe(true);
    expect(verdictOn(logOf([6, 7, 8, 9], 6))).toMatchObject({ ...NONE, expected: 4, delivered: 4 });
  });

  it.each([
    ["a lost one", [0, 1, 2, 4, 5, 6, 7, 8, 9], { lost: 1 }],
    ["lost ones at the start", [2, 3, 4, 5, 6, 7, 8, 9], { lost: 2 }],
    ["lost ones at the end", [0, 1, 2, 3, 4, 5, 6], { lost: 3 }],
    ["everything lost", [], { lost: 10 }],
    ["a doubled one", [0, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9], { duplicated: 1 }],
    ["an old one that comes again", [0, 1, 2, 3, 4, 5, 6, 1, 7, 8, 9], { duplicated: 1 }],
    ["two in the wrong order", [0, 1, 3, 2, 4, 5, 6, 7, 8, 9], { reordered: 1 }],
    ["one that is late", [0, 2, 3, 4, 5, 6, 7, 1, 8, 9], { reordered: 1 }],
  ])("finds %s", (_, numbers, expected) => {
    const verdict = verdictOn(logOf(numbers));
    expect(faults(verdict)).toEqual({ ...NONE, ...expected });
    expect(isKept(verdict)).toBe(false);
    expect(verdict.examples).not.toEqual([]);
  });

  it("finds a message that came under the number of another one", () => {
    const log = logOf([0, 1, 2]);
    log.message(4, 77);
    for (const number of [4, 5, 6, 7, 8, 9]) log.message(number + 1, number);
    expect(faults(verdictOn(log))).toEqual({ ...NONE, renumbered: 1 });
  });

  it("finds a message that was stored twice", () => {
    const record = published();
    record.note(TOPIC, 3, { epoch: "one", offset: MESSAGES + 1 });
    expect(record.contradictions()).toHaveLength(1);
    const log = logOf(ALL);
    log.message(MESSAGES + 1, 3);
    expect(faults(verdictOn(log, record))).toEqual({ ...NONE, duplicated: 1 });
  });

  it("finds that two clients were handed different messages at a position that was never acknowledged", () => {
    const logs = [20, 21].map((number) => {
      const log = logOf(ALL);
      log.message(MESSAGES + 1, number);
      return log;
    });
    expect(faults(judge(logs, published().topics()))).toEqual({ ...NONE, renumbered: 1 });
  });

  it("finds two messages that were acknowledged at the same position", () => {
    const record = published();
    record.note(TOPIC, 3, { epoch: "one", offset: 4 });
    expect(record.contradictions()).toEqual([]);
    record.note(TOPIC, 20, { epoch: "one", offset: 4 });
    expect(record.contradictions()).toEqual(["transactions@one:4 was message 3 and is message 20"]);
  });

  describe("when a position was lost on the server's side", () => {
    const twoLives = () => {
      const record = published();
      for (let n = 10; n < 15; n += 1) record.note(TOPIC, n, { epoch: "two", offset: n - 9 });
      return record;
    };

    it("counts what was told, and finds nothing wrong with it", () => {
      const log = logOf([0, 1, 2, 3, 4, 5, 6]);
      log.told({ from: { epoch: "one", offset: 7 }, to: { epoch: "two", offset: 0 } });
      for (let n = 10; n < 15; n += 1) log.message(n - 9, n);
      expect(verdictOn(log, twoLives())).toMatchObject({
        ...NONE,
        expected: 15,
        delivered: 12,
        told: 1,
        toldMessages: 3,
      });
    });

    it("finds what was lost and not told", () => {
      const silent = logOf(ALL);
      expect(faults(verdictOn(silent, twoLives()))).toEqual({ ...NONE, lost: 5 });
      const later = logOf([0, 1, 2]);
      later.told({ from: { epoch: "one", offset: 7 }, to: { epoch: "two", offset: 5 } });
      expect(faults(verdictOn(later, twoLives()))).toEqual({ ...NONE, lost: 4 });
      const within = logOf([0, 1, 2]);
      within.told({ from: { epoch: "one", offset: 3 }, to: { epoch: "one", offset: 8 } });
      within.message(9, 8);
      within.message(10, 9);
      expect(verdictOn(within)).toMatchObject({ ...NONE, told: 1, toldMessages: 5 });
    });

    it("counts apart what the publisher had to repeat", () => {
      const record = published();
      record.note(TOPIC, 9, { epoch: "two", offset: 1 });
      const log = logOf(ALL);
      log.told({ from: { epoch: "one", offset: 10 }, to: { epoch: "two", offset: 0 } });
      log.message(1, 9);
      expect(verdictOn(log, record)).toMatchObject({ ...NONE, repeated: 1 });
      log.message(1, 9);
      expect(faults(verdictOn(log, record))).toEqual({ ...NONE, duplicated: 1 });
    });
  });
});
