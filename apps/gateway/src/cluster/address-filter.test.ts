import { describe, expect, it } from "vitest";
import { addressFilter } from "./address-filter.ts";

describe("addressFilter", () => {
  it.each([
    ["203.0.113.9", "203.0.113.9"],
    ["203.0.113.", "203.0.113.9"],
    ["203.", "203.0.113.9"],
    ["2001:db8::1", "2001:db8::1"],
    ["2001:DB8:0:0::1", "2001:db8::1"],
    ["2001:db8:", "2001:db8:7::1"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["unknown", "unknown"],
    [undefined, "10.0.0.1"],
  ])("%s fits %s", (wanted, address) => {
    expect(addressFilter(wanted)(address)).toBe(true);
  });

  it.each([
    ["203.0.113.9", "203.0.113.90"],
    ["203.0.113.", "203.0.11.3"],
    ["203.0.11", "203.0.113.9"],
    ["2001:db8::1", "2001:db8::12"],
    ["2001:db8:", "2001:db80::1"],
    ["", "10.0.0.1"],
  ])("%s does not fit %s", (wanted, address) => {
    expect(addressFilter(wanted)(address)).toBe(false);
  });
});
