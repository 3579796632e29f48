import { CLOSE_CODES } from "@commcoin/protocol";
import { describe, expect, it } from "vitest";
import { closesOf } from "./close-words.ts";

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
});
