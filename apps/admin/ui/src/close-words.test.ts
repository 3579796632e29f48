import { CLOSE_CODES } from "@commcoin/protocol";
import { describe, expect, it } from "vitest";
import { closeDetail, closesOf, closeWords } from "./close-words.ts";

describe("closed connections", () => {
  it("are added up by code, the most frequent first", () => {
    const servers = [
      { counts: { connections: 4, closed_3008: 2, closed_3001: 1 } },
      { counts: { closed_3001: 5 } },
      { counts: {} },
    ];
    expect(closesOf(servers)).toEqual([
      { code: 3001, count: 6, words: "The server shut down or was drained" },
      { code: 3008, count: 2, words: "The client did not read fast enough" },
    ]);
  });

  it.each(Object.values(CLOSE_CODES))("have words for $code", ({ code }) => {
    expect(closesOf([{ counts: { [`closed_${code}`]: 1 } }])[0]?.words).not.toBe("For another reason");
  });

  it.each([
    [1000, false, "The client left"],
    [1006, false, "The connection was lost"],
    [1006, true, "The gateway cut the connection"],
    [3503, true, "Disconnected by an operator"],
    [3503, false, "The client left, with a code of its own"],
    [4711, false, "The client left, with a code of its own"],
    [1011, true, "For another reason"],
  ])("with %i, closed by the gateway: %s, are told in words", (code, byGateway, words) => {
    expect(closeWords(code, byGateway)).toBe(words);
  });

  it.each([
    [3504, "connection limit: 250 for one user", true, "connection limit: 250 for one user"],
    [3503, "disconnected by an operator", true, ""],
    [1000, "bye", false, "bye"],
    [3503, "bye", false, "bye"],
  ])("with %i, the reason %j is shown where it says more", (code, reason, byGateway, shown) => {
    expect(closeDetail(code, reason, byGateway)).toBe(shown);
  });
});
