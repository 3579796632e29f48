import { expect, it } from "vitest";
import { errorText } from "./error-text.ts";

it("tells what went wrong and why", () => {
  const refused = new Error("connect ECONNREFUSED 127.0.0.1:1");
  expect(errorText(new TypeError("fetch failed", { cause: refused }))).toBe(
    "fetch failed: connect ECONNREFUSED 127.0.0.1:1",
  );
  const both = new AggregateError([refused, new Error("connect ECONNREFUSED ::1:1")]);
  expect(errorText(new TypeError("fetch failed", { cause: both }))).toBe(
    "fetch failed: connect ECONNREFUSED 127.0.0.1:1",
  );
  expect(errorText(new Error("lost: why", { cause: new Error("why") }))).toBe("lost: why");
  expect(errorText("text")).toBe("text");
});
