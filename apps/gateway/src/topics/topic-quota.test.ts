import { describe, expect, it } from "vitest";
import { createTopicQuota, type TopicAsker } from "./topic-quota.ts";

/** A gateway that may have 100 topics, 20 new ones at once and 10 per second; and connections that may have 30. */
function arrange() {
  const here = new Set<string>();
  const clock = { at: 0 };
  const quota = createTopicQuota({
    maxTopics: 100,
    perSecond: 10,
    maxSubscriptions: 30,
    topics: {
      has: (topic) => here.has(topic),
      get asked() {
        return here.size;
      },
    },
    now: () => clock.at,
  });
  let made = 0;
  const asker = (): TopicAsker => ({ topicBudget: null });
  /** @returns how many of so many new topics are admitted. */
  const ask = (who: TopicAsker, count: number): number => {
    let admitted = 0;
    for (let n = 0; n < count; n += 1) {
      made += 1;
      if (quota.admit(who, `new-${made}`) !== null) continue;
      admitted += 1;
      here.add(`new-${made}`);
    }
    return admitted;
  };
  return { here, clock, quota, asker, ask };
}

describe("topic quota", () => {
  it("costs nothing for topics that are here", () => {
    const { here, quota, asker } = arrange();
    here.add("known");
    const one = asker();
    for (let n = 0; n < 1_000; n += 1) expect(quota.admit(one, "known")).toBeNull();
  });

  it("keeps half of the burst for those who asked for few", () => {
    const { ask, asker, quota } = arrange();
    const greedy = asker();
    expect(ask(greedy, 100)).toBe(11);
    expect(quota.admit(greedy, "another")?.code).toBe("rate_limited");
    expect(ask(asker(), 5)).toBe(5);
    expect(ask(asker(), 100)).toBe(4);
    expect(ask(asker(), 1)).toBe(0);
  });

  it("goes on at the rate, however many ask in vain", () => {
    const { ask, asker, clock } = arrange();
    const many = Array.from({ length: 10 }, asker);
    for (const one of many) ask(one, 50);
    clock.at += 1_000;
    expect(many.map((one) => ask(one, 5)).reduce((sum, n) => sum + n)).toBe(10);
  });

  it("gives one connection no more than it may have, and then a few per second", () => {
    const { ask, asker, clock, here } = arrange();
    const one = asker();
    let total = 0;
    for (let second = 0; second < 20; second += 1) {
      total += ask(one, 50);
      here.clear();
      clock.at += 1_000;
    }
    expect(total).toBeGreaterThan(30);
    expect(total).toBeLessThanOrEqual(30 + 4 * 20);
  });

  it("ends where the gateway has as many as it may, until some are left", () => {
    const { ask, asker, clock, quota, here } = arrange();
    for (let n = 0; n < 60; n += 1) {
      ask(asker(), 8);
      clock.at += 1_000;
    }
    expect(here.size).toBe(100);
    expect(quota.admit(asker(), "another")).toMatchObject({
      code: "too_many_subscriptions",
      message: expect.stringContaining("100 topics") as string,
    });
    here.delete("new-1");
    expect(ask(asker(), 2)).toBe(1);
  });
});
