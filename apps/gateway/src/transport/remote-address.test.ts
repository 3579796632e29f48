import { describe, expect, it } from "vitest";
import { formatAddress } from "./remote-address.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

describe("remote address", () => {
  it.each([
    ["7f000001", "127.0.0.1"],
    ["00000000000000000000ffff0a010203", "10.1.2.3"],
    ["00000000000000000000000000000001", "::1"],
    ["20010db8000000000000000000000001", "2001:db8::1"],
    ["20010db8000100020003000400050006", "2001:db8:1:2:3:4:5:6"],
    ["", "unknown"],
  ])("writes %s as %s", (hex, text) => {
    expect(formatAddress(bytes(hex))).toBe(text);
  });
});
