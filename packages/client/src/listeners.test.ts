import { expect, it, vi } from "vitest";
import { callSafely } from "./listeners.ts";

it("lets an exception of the application be seen, after the client has done its work", () => {
  const later: (() => void)[] = [];
  vi.stubGlobal("queueMicrotask", (task: () => void) => later.push(task));
  const listener = vi.fn<(text: string) => void>(() => {
    throw new Error("mine");
  });
  callSafely(listener, "argument");
  vi.unstubAllGlobals();
  expect(listener).toHaveBeenCalledWith("argument");
  expect(later).toHaveLength(1);
  expect(later[0]).toThrow("mine");
});
