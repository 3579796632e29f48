import { describe, expect, it } from "vitest";
import { formatPosition, formatSince, parsePosition, parseSince } from "./position.ts";

describe("positions as text", () => {
  it("reads what it writes", () => {
    const position = { epoch: "a-B_9", offset: 58 };
    expect(parsePosition(formatPosition(position))).toEqual(position);
  });

  it.each(["", "5", "e:", ":5", "e:-1", "e:1.5", "e:x", "e e:1", "e:9999999999999999"])(
    "refuses %j",
    (text) => expect(parsePosition(text)).toBeNull(),
  );
});

describe("the since parameter", () => {
  it("reads what it writes, topics with an argument included", () => {
    const positions = new Map([
      ["token_updates", { epoch: "x1", offset: 0 }],
      ["user:a.b", { epoch: "y2", offset: 7 }],
    ]);
    expect(parseSince(formatSince(positions))).toEqual(positions);
  });

  it.each(["did:privy:c1x", "ann@mail.test", "a@b:7", "auth0|5f7c8e", "x@y@z:1:2"])(
    "is not mistaken about the user %s",
    (user) => {
      const positions = new Map([
        [`user:${user}`, { epoch: "x1", offset: 7 }],
        ["broadcast", { epoch: "y2", offset: 0 }],
      ]);
      expect(parseSince(formatSince(positions))).toEqual(positions);
    },
  );

  it("is empty when it is empty", () => expect(parseSince("")).toEqual(new Map()));

  it.each(["a", "a@", "a@e", "@e:1", "A@e:1", "a@e:1,a@e:2", "a@e:1,b"])("refuses %j", (text) =>
    expect(parseSince(text)).toBeNull(),
  );
});
