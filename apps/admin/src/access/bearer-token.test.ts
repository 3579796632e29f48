import { describe, expect, it } from "vitest";
import { bearerToken, createTokenCheck } from "./bearer-token.ts";

describe("bearerToken", () => {
  it("reads the token, whatever the case of the scheme", () => {
    expect(bearerToken("Bearer abc.def")).toBe("abc.def");
    expect(bearerToken("bearer  abc.def ")).toBe("abc.def");
  });

  it.each([undefined, "", "Bearer", "Bearer ", "Basic abc", "abc", "Bearer a b"])(
    "finds none in %j",
    (header) => {
      expect(bearerToken(header)).toBeNull();
    },
  );
});

describe("createTokenCheck", () => {
  const isToken = createTokenCheck("0123456789abcdef");

  it("accepts the token and nothing else, whatever its length", () => {
    expect(isToken("0123456789abcdef")).toBe(true);
    for (const wrong of ["", "0123456789abcdeF", "0123456789abcde", "0123456789abcdef0"]) {
      expect(isToken(wrong)).toBe(false);
    }
  });
});
