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
    const { push, vouch, aloneOf, take } = line();
    push(announced("s", "a"));
    expect(aloneOf("a")).toBe(1);
    vouch("s", other);
    expect(aloneOf("a")).toBe(vouched ? 0 : 1);
    expect((await take())?.vouched).toBe(vouched);
  });

  it("goes before those that stand on one word, and comes once", async () => {
    const { push, vouch, take, close } = line();
    for (const signature of ["s", "t", "u"]) push(announced(signature, "a"));
    vouch("t", null);
    close();
    const order = [await take(), await take(), await take(), await take()];
    expect(order.map((taken) => taken?.notification.signature)).toEqual(["t", "s", "u", undefined]);
  });
});
