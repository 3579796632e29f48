import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { urls } from "./fields.ts";
import { loadConfig } from "./load-config.ts";

const schema = z.object({
  SOLANA_RPC_URL: urls(["http", "https"], "localhost:8899", { description: "Nodes", max: 3 }),
});
const read = (given: string): readonly string[] =>
  loadConfig(schema, { SOLANA_RPC_URL: given }).SOLANA_RPC_URL;

/** The hosts that are read from a value; else what is said of it. */
function outcomeOf(given: string): { readonly hosts: readonly string[] | null; readonly shown: string } {
  try {
    return { hosts: read(given).map((url) => new URL(url).host), shown: "" };
  } catch (error) {
    return { hosts: null, shown: String(error) };
  }
}

const MIN_PART = 4;

/** Whether a text has a part of a secret in it that says something of it. */
function betrays(text: string, secret: string): boolean {
  for (let start = 0; start + MIN_PART <= secret.length; start += 1) {
    if (text.includes(secret.slice(start, start + MIN_PART))) return true;
  }
  return false;
}

describe("addresses of nodes", () => {
  it.each([
    ["https://node.test/key/abc,https://other.test", ["https://node.test/key/abc", "https://other.test"]],
    ["https://node.test/?api-key=a, other.test:80", ["https://node.test/?api-key=a", "http://other.test:80"]],
    ["https://app:s%40c%2Cret@node.test/rpc", ["https://app:s%40c%2Cret@node.test/rpc"]],
    ["http://[::1]:8899,localhost", ["http://[::1]:8899", "http://localhost"]],
  ])("are taken from %s", (given, expected) => {
    expect(read(given)).toEqual(expected);
  });

  it.each([
    "https://app:Mo@n77@node.test",
    "https://app:Mo#n77@node.test",
    "https://Mon77/x@node.test",
    "https://app:1/Mon77@node.test",
    "https://app:Mo?n77@node.test",
    "https://app:Mo[n77@node.test",
    "https://app:Mo%n77@node.test",
    "https://app:1,Mon77@node.test",
    "https://node.test/Mo,n77",
    "https://node.test/?key=Mo,n77",
    "https://node.test/?key=Mo#n77",
    "https://node.test/?key=Mo@n77",
    "app:Mo,n77@node.test",
    "ftp://Mon77@node.test",
  ])("are refused in %s, with what to do and without a part of the secret", (given) => {
    expect(() => read(given)).toThrow(/SOLANA_RPC_URL: .*percent-encoded/);
    expect(() => read(given)).not.toThrow(/Mo|n7/);
  });

  it("have the host that was meant, whatever stands unescaped in user, password, path or query", () => {
    const secret = fc.string({
      unit: fc.constantFrom(..."ÄЖQ0@%#/:?[]&=,\\".split("")),
      minLength: 1,
      maxLength: 16,
    });
    const forms: readonly ((text: string) => string)[] = [
      (text) => `https://app:${text}@node.test/rpc`,
      (text) => `https://${text}@node.test`,
      (text) => `https://node.test/${text}`,
      (text) => `https://node.test/rpc?api-key=${text}`,
    ];
    fc.assert(
      fc.property(secret, fc.constantFrom(...forms), (text, form) => {
        const { hosts, shown } = outcomeOf(form(text));
        expect(betrays(shown, text)).toBe(false);
        const asMeant = hosts?.length === 1 && hosts[0] === "node.test";
        expect(asMeant || shown.includes("SOLANA_RPC_URL")).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
