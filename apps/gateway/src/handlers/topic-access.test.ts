import { describe, expect, it } from "vitest";
import { denyTopic } from "./topic-access.ts";

const denied = (topic: string, extraTopics: readonly string[] = []) =>
  denyTopic(
    { extraTopics: new Set(extraTopics) },
    { memberships: new Map(), credentials: null } as unknown as Parameters<typeof denyTopic>[1],
    topic,
  );

describe("denyTopic", () => {
  it.each([
    ["marketdata", "market_data may be meant"],
    ["transaction", "transactions may be meant"],
    ["token-update", "token_updates may be meant"],
    ["weather", "there are token_updates, transactions, "],
    ["token", "and token:, account: and program: with an address"],
  ])("says what else there is in place of %s", (topic, advice) => {
    expect(denied(topic)).toEqual({
      code: "unknown_topic",
      message: expect.stringMatching(new RegExp(`^There is no topic ${topic}; .*${advice}`)),
    });
  });

  it("knows the topics that the operator added", () => {
    expect(denied("weather", ["weather"])).toBeNull();
    expect(denied("wether", ["weather"])?.message).toBe("There is no topic wether; weather may be meant.");
  });
});
