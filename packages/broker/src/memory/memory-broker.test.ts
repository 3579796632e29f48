import { describe, expect, it } from "vitest";
import { createMemoryBroker } from "./memory-broker.ts";

const message = (topic: string, id: string) => ({ topic, id, type: "UserActivity", data: {} });

describe("memory broker", () => {
  it("shows all subscribers one order when a subscriber publishes from within its delivery", async () => {
    const broker = createMemoryBroker();
    const seen: number[][] = [[], []];
    const follow = (index: number) =>
      broker.subscribe("notifications", ({ offset }) => {
        seen[index]?.push(offset);
        if (index === 0 && offset === 1) void broker.publish([message("notifications", "second")]);
      });
    await follow(0);
    await follow(1);
    await new Promise(setImmediate);
    await broker.publish([message("notifications", "first")]);
    expect(seen).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it("forgets a topic that nobody uses, and gives it a new epoch when it comes back", async () => {
    let now = 0;
    const broker = createMemoryBroker({ clock: { now: () => now, monotonic: () => now } });
    const [published] = await broker.publish([message("token:abc", "1")]);
    const [empty] = await broker.positions(["token:def"]);
    now += 2 * 3_600_000;
    const [kept, replaced] = await broker.positions(["token:abc", "token:def"]);
    expect(kept?.epoch).toBe(published?.epoch);
    expect(replaced?.epoch).not.toBe(empty?.epoch);
    now += 2 * 86_400_000;
    await broker.positions(["token:def"]);
    const [later] = await broker.positions(["token:abc"]);
    expect(later).toEqual({ epoch: expect.not.stringMatching(published?.epoch ?? ""), offset: 0 });
  });

  it("says that it was closed", async () => {
    const broker = createMemoryBroker();
    await broker.close();
    await expect(broker.publish([message("notifications", "1")])).rejects.toThrow("closed");
    expect(broker.problem()).toContain("closed");
  });
});
