import { describe, expect, it } from "vitest";
import { accountOf, isAccountAddress } from "./account-address.ts";

describe("isAccountAddress", () => {
  it.each([
    "11111111111111111111111111111111",
    "So11111111111111111111111111111111111111112",
    "6YuHH4kveCrEeEtVKM2nh18zU4XWFpEWqV8f5GbhdnzX",
    // 32 bytes of 255, the largest there is.
    "JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG",
  ])("accepts %s", (text) => expect(isAccountAddress(text)).toBe(true));

  it.each([
    ["nothing", ""],
    ["a name", "alice"],
    ["33 zero bytes", "1".repeat(33)],
    ["31 zero bytes", "1".repeat(31)],
    ["one more than the largest", "JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFH"],
    ["letters that base58 leaves out", "0OIl".repeat(11)],
    ["32 letters that are fewer bytes", "z".repeat(32)],
    ["44 letters that are more bytes", "z".repeat(44)],
    ["a signature", "5".repeat(88)],
  ])("refuses %s", (_, text) => expect(isAccountAddress(text)).toBe(false));
});

it("finds the account of a topic", () => {
  expect(accountOf("account:alice")).toBe("alice");
  expect(accountOf("token:alice")).toBeNull();
  expect(accountOf("account")).toBeNull();
});
