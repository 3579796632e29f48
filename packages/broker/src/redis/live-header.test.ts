import { describe, expect, it } from "vitest";
import { readLive } from "./live-header.ts";

describe("readLive", () => {
  it("cuts the header off and shares the bytes of the frame", () => {
    const message = Buffer.from('aB3_-xyz:4711\n{"data":"line\\nbreak ü"}');
    const delivery = readLive(message);
    expect(delivery).toMatchObject({ epoch: "aB3_-xyz", offset: 4711 });
    expect(delivery?.frame.buffer).toBe(message.buffer);
    expect(Buffer.from(delivery?.frame ?? []).toString()).toBe('{"data":"line\\nbreak ü"}');
  });

  it.each([
    "",
    "\n",
    "no header",
    "epoch\n{}",
    ":1\n{}",
    "epoch:\n{}",
    "epoch:0\n{}",
    "epoch:-1\n{}",
    "epoch:1.5\n{}",
    "epoch:x\n{}",
  ])("refuses %j", (text) => {
    expect(readLive(Buffer.from(text))).toBeNull();
  });
});
