import { describe, expect, it } from "vitest";
import { readLive } from "./live-header.ts";

describe("readLive", () => {
  it("cuts the header off and shares the bytes of the frame", () => {
    const message = Buffer.from('aB3_-xyz:4711:0a1b:2c3d\n{"data":"line\\nbreak ü"}');
    const live = readLive(message);
    expect(live).toMatchObject({
      delivery: { epoch: "aB3_-xyz", offset: 4711 },
      before: "0a1b",
      chain: "2c3d",
    });
    expect(live?.delivery.frame.buffer).toBe(message.buffer);
    expect(Buffer.from(live?.delivery.frame ?? []).toString()).toBe('{"data":"line\\nbreak ü"}');
    expect(readLive(Buffer.from("e:1::2c3d\n{}"))?.before).toBe("");
  });

  it.each([
    "",
    "\n",
    "no header",
    "epoch\n{}",
    ":1:a:b\n{}",
    "epoch::a:b\n{}",
    "epoch:0:a:b\n{}",
    "epoch:-1:a:b\n{}",
    "epoch:1.5:a:b\n{}",
    "epoch:1\n{}",
    "epoch:1:a\n{}",
    "epoch:1:a:\n{}",
    "epoch:x:a:b\n{}",
  ])("refuses %j", (text) => {
    expect(readLive(Buffer.from(text))).toBeNull();
  });
});
