import { describe, expect, it } from "vitest";
import type { SignatureNotification } from "../model/notification.ts";
import { createSignatureLine } from "./signature-line.ts";

const announced = (signature: string, endpoint: string): SignatureNotification => ({
  signature,
  slot: 7,
  address: "address",
  err: null,
  source: "program",
  endpoint,
  origin: "live",
  receivedAt: 0,
});
const line = () => createSignatureLine({ capacity: 10, onFull: () => {} });

describe("a signature that one node announced", () => {
  it.each([
    ["the same node", "a", false],
    ["another node", "b", true],
    ["a list", null, true],
  ])("stands on the word of more than that one where %s has it as well", async (_, other, vouched) => {
    const signatures = line();
    signatures.push(announced("s", "a"));
    expect(signatures.aloneOf("a")).toBe(1);
    signatures.vouch("s", other);
    expect(signatures.aloneOf("a")).toBe(vouched ? 0 : 1);
    expect((await signatures.take())?.vouched).toBe(vouched);
  });

  it("goes before those that stand on one word, and comes once", async () => {
    const signatures = line();
    for (const signature of ["s", "t", "u"]) signatures.push(announced(signature, "a"));
    signatures.vouch("t", null);
    signatures.close();
    const order: unknown[] = [];
    for (let n = 0; n < 4; n += 1) order.push((await signatures.take())?.notification.signature);
    expect(order).toEqual(["t", "s", "u", undefined]);
  });
});
