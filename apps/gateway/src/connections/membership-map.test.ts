import { describe, expect, it } from "vitest";
import { MembershipMap } from "./membership-map.ts";

const inTopic = (topic: string) => ({ feed: { topic } });
type Membership = ReturnType<typeof inTopic>;
const named = (count: number): readonly Membership[] =>
  Array.from({ length: count }, (_, index) => inTopic(`token:${index}`));

describe("membership map", () => {
  it.each([0, 1, 16, 17, 200])("finds each of %i", (count) => {
    const map = new MembershipMap<Membership>();
    const members = named(count);
    for (const member of members) map.add(member);
    expect(map.size).toBe(count);
    expect(map.all()).toEqual(members);
    for (const member of members) expect(map.get(member.feed.topic)).toBe(member);
    expect(map.has("token:none")).toBe(false);
    for (const member of members) expect(map.remove(member)).toBe(true);
    expect(map.size).toBe(0);
  });

  it("removes a membership, not another one of its topic", () => {
    const map = new MembershipMap<Membership>();
    const present = inTopic("transactions");
    map.add(present);
    expect(map.remove(inTopic("transactions"))).toBe(false);
    expect(map.get("transactions")).toBe(present);
  });

  it.each([5, 50])("may be emptied by who walks through its %i", (count) => {
    const map = new MembershipMap<Membership>();
    for (const member of named(count)) map.add(member);
    let seen = 0;
    for (const member of map.all()) {
      map.remove(member);
      seen += 1;
    }
    expect([seen, map.size]).toEqual([count, 0]);
  });
});
