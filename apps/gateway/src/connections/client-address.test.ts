import { describe, expect, it } from "vitest";
import { addressRange, createClientAddress } from "./client-address.ts";

const addressOf = createClientAddress(["10.0.0.0/8", "192.0.2.7", "fd00::/8"]);

describe("address of a client", () => {
  it.each([
    ["a peer that is no proxy", "203.0.113.1", ["198.51.100.1"], "203.0.113.1"],
    ["a proxy that says nothing", "10.0.0.1", [], "10.0.0.1"],
    ["one proxy", "10.0.0.1", ["198.51.100.1"], "198.51.100.1"],
    ["two proxies", "192.0.2.7", ["198.51.100.1, 10.2.3.4"], "198.51.100.1"],
    ["what the client made up in the same line", "10.0.0.1", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"],
    ["what the client made up in a line of its own", "10.0.0.1", ["1.1.1.1", "198.51.100.1"], "198.51.100.1"],
    ["a client within the network of the proxies", "10.0.0.1", ["10.9.9.9"], "10.9.9.9"],
    ["nonsense", "10.0.0.1", ["1.1.1.1, unknown"], "10.0.0.1"],
    ["nothing between commas", "10.0.0.1", ["1.1.1.1,,"], "10.0.0.1"],
    ["a port", "10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"],
    ["IPv6 with a port", "fd00::1", ["[2001:DB8::1]:4711"], "2001:db8::1"],
    ["IPv6, however it is written", "fd00::1", ["2001:0db8:0:0:0:0:0:0001"], "2001:db8::1"],
    ["IPv4 within IPv6", "10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"],
    ["a zone", "fd00::1", ["fe80::1%eth0"], "fd00::1"],
  ])("is found behind %s", (_, peer, header, expected) => {
    expect(addressOf(peer, header)).toBe(expected);
  });

  it("is the peer's where no proxy is trusted", () => {
    expect(createClientAddress([])("10.0.0.1", ["198.51.100.1"])).toBe("10.0.0.1");
  });

  it("does not take long to find in a long header", () => {
    const header = Array.from({ length: 100_000 }, () => "10.0.0.1").join(",");
    expect(addressOf("10.0.0.1", [`1.1.1.1,${header}`])).toBe("10.0.0.1");
  });

  it.each(["10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "10.0.0.0/8/8", "::/129", "localhost", "10.0.0.0/-1"])(
    "does not take %s for a range",
    (text) => expect(addressRange.safeParse(text).success).toBe(false),
  );
});
