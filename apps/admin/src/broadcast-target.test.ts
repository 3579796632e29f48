import { describe, expect, it } from "vitest";
import { broadcastTarget, resolveTarget } from "./broadcast-target.ts";

describe("broadcastTarget", () => {
  it.each([
    [{ all: true }, "all", "broadcast"],
    [{ topic: "token:abc" }, "topic", "token:abc"],
    [{ user_id: "alice" }, "user_id", "user:alice"],
    [{ server_id: "server-1" }, "server_id", "server:server-1"],
  ] as const)("%j becomes a topic", (target, kind, topic) => {
    expect(resolveTarget(broadcastTarget.parse(target))).toEqual({ kind, topic });
  });

  it.each([
    { all: false },
    { topic: "Bad Topic" },
    { user_id: "a/b" },
    { server_id: "" },
    { all: true, topic: "a" },
    {},
  ])("%j is refused", (target) => expect(broadcastTarget.safeParse(target).success).toBe(false));
});
