import { describe, expect, it } from "vitest";
import { chooseChain, isOfAnother, UNIDENTIFIED } from "./choose-chain.ts";

const answers = (...names: readonly string[]) =>
  names.map((name) => (name === "no_hash" ? "no_hash" : name === "" ? null : { hash: name }));

describe("the chain to follow", () => {
  it.each([
    [["a"], null, "a"],
    [["b", "a", "a"], null, "a"],
    [["a", "b"], null, "a"],
    [["", "b"], null, "b"],
    [["no_hash", "b"], null, "b"],
    [["no_hash", "no_hash"], null, UNIDENTIFIED],
    // One that is followed stays as long as any node can be of it.
    [["b", "b", "a"], "a", "a"],
    [["b", ""], "a", "a"],
    [["b", "no_hash"], "a", "a"],
    [["b", "c", "c"], "a", "c"],
    [["b"], UNIDENTIFIED, "b"],
    [["no_hash", "b"], UNIDENTIFIED, UNIDENTIFIED],
  ] as const)("of %j after %j is %j", (names, followed, chain) => {
    expect(chooseChain(answers(...names), followed)).toBe(chain);
  });

  it("is another one only where a node says so", () => {
    expect(answers("a", "b", "no_hash", "").map((each) => isOfAnother(each, "a"))).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect(answers("a").map((each) => isOfAnother(each, UNIDENTIFIED))).toEqual([false]);
  });
});
