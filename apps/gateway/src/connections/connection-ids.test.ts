import { expect, it } from "vitest";
import { createConnectionIds } from "./connection-ids.ts";

it("gives each connection an id of its own", () => {
  const next = createConnectionIds();
  const ids = new Set(Array.from({ length: 1_000 }, next));
  expect(ids.size).toBe(1_000);
  for (const id of ids) expect(id).toMatch(/^[\w-]{16}$/);
});
