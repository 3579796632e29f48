import { expect, it } from "vitest";
import { createUnfinishedSlots } from "./unfinished-slots.ts";

it("tells the lowest of more slots than a call takes arguments", () => {
  const unfinished = createUnfinishedSlots();
  expect(unfinished.oldest).toBeNull();
  for (let slot = 150_000; slot > 0; slot -= 1) unfinished.begin(slot);
  expect([unfinished.oldest, unfinished.size]).toEqual([1, 150_000]);
  unfinished.end(1);
  expect(unfinished.oldest).toBe(2);
});
