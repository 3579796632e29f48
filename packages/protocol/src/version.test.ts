import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { z } from "zod";
import { CLOSE_CODES } from "./close-codes.ts";
import { connectionStats } from "./connection-stats.ts";
import { downFrame } from "./down.ts";
import { REFUSALS } from "./error-codes.ts";
import { upFrame } from "./up.ts";
import { PROTOCOL_SCHEMA_SHA256, PROTOCOL_VERSION } from "./version.ts";

const withoutDescriptions = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutDescriptions);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, part]) => key !== "description" || typeof part !== "string")
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, part]) => [key, withoutDescriptions(part)]),
  );
};

it("the wire format has not changed since this version of the protocol", () => {
  const contract = {
    up: z.toJSONSchema(upFrame, { io: "input" }),
    down: z.toJSONSchema(downFrame),
    stats: z.toJSONSchema(connectionStats),
    close: CLOSE_CODES,
    refusals: REFUSALS,
  };
  const hash = createHash("sha256")
    .update(JSON.stringify(withoutDescriptions(contract)))
    .digest("hex");
  expect(
    hash,
    `The frames are not those of version ${PROTOCOL_VERSION} any more. If a client could notice the change, raise ` +
      "PROTOCOL_VERSION and add a line to its history; then write the new hash into PROTOCOL_SCHEMA_SHA256.",
  ).toBe(PROTOCOL_SCHEMA_SHA256);
});
