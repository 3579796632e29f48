import { describe, expect, it } from "vitest";
import { chooseChain, isOfAnother, UNIDENTIFIED } from "./choose-chain.ts";

const told = (...names: readonly string[]) =>
  names.map((name) => (name === "untold" ? "untold" : name === "" ? null : { hash: name }));

describe("the chain to follow", () => {
  it.each([
    [["a"], null, "a"],
    [["b", "a", "a"], null, "a"],
    [["a", "b"], null, "a"],
    [["", "b"], null, "b"],
    [["untold", "b"], null, "b"],
    [["untold", "untold"], null, UNIDENTIFIED],
    // One that is followed stays as long as any node can be of it.
    [["b", "b", "a"], "a", "a"],
    [["b", ""], "a", "a"],
    [["b", "untold"], "a", "a"],
    [["b", "c", "c"], "a", "c"],
    [["b"], UNIDENTIFIED, "b"],
    [["untold", "b"], UNIDENTIFIED, UNIDENTIFIED],
  ] as const)("of %j after %j is %j", (names, followed, chain) => {
    expect(chooseChain(told(...names), followed)).toBe(chain);
  });

  it("is another one only where a node says so", () => {
    expect(told("a", "b", "untold", "").map((each) => isOfAnother(each, "a"))).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect(told("a").map((each) => isOfAnother(each, UNIDENTIFIED))).toEqual([false]);
  });
});
