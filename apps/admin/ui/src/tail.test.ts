import type { EventFrame } from "@commcoin/protocol";
import { expect, it } from "vitest";
import { addToTail, filterTail, MAX_TAIL, tailRate } from "./tail.ts";

const message = (offset: number, ts = 0, text = ""): EventFrame =>
  ({ type: "Notification", offset, ts, data: { title: text } }) as EventFrame;

it("keeps the newest messages", () => {
  const many = Array.from({ length: MAX_TAIL + 5 }, (_, index) => message(index + 1));
  const tail = addToTail(addToTail([], many), [message(MAX_TAIL + 6)]);
  expect([tail.length, tail[0]?.offset, tail.at(-1)?.offset]).toEqual([MAX_TAIL, 7, MAX_TAIL + 6]);
});

it("filters by any text of a message, newest first", () => {
  const tail = [message(1, 0, "Hello"), message(2, 0, "World"), message(3, 0, "hello again")];
  const offsets = (text: string): readonly number[] => filterTail(tail, text).map(({ offset }) => offset);
  expect(offsets(" HELLO")).toEqual([3, 1]);
  expect(offsets("")).toEqual([3, 2, 1]);
  expect(offsets("none")).toEqual([]);
});

it("counts the messages of the last ten seconds", () => {
  expect(tailRate([message(1, 1_000), message(2, 95_000), message(3, 99_000)], 100_000)).toBe(0.2);
  expect(tailRate([], 100_000)).toBe(0);
});

it("counts from its beginning where it is cut off", () => {
  const fast = Array.from({ length: MAX_TAIL }, (_, index) => message(index, 99_000));
  expect(tailRate(fast, 100_000)).toBe(MAX_TAIL);
});
