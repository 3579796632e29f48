import { describe, expect, it } from "vitest";
import { MembershipTable } from "./membership-table.ts";

const inTopic = (topic: string) => ({ feed: { topic } });
type Membership = ReturnType<typeof inTopic>;
const named = (count: number): readonly Membership[] =>
  Array.from({ length: count }, (_, index) => inTopic(`token:${index}`));

describe("membership table", () => {
  it.each([0, 1, 16, 17, 200])("finds each of %i", (count) => {
    const table = new MembershipTable<Membership>();
    const members = named(count);
    for (const member of members) table.add(member);
    expect(table.size).toBe(count);
    expect(table.all()).toEqual(members);
    for (const member of members) expect(table.get(member.feed.topic)).toBe(member);
    expect(table.has("token:none")).toBe(false);
    for (const member of members) expect(table.remove(member)).toBe(true);
    expect(table.size).toBe(0);
  });

  it("removes a membership, not another one of its topic", () => {
    const table = new MembershipTable<Membership>();
    const present = inTopic("transactions");
    table.add(present);
    expect(table.remove(inTopic("transactions"))).toBe(false);
    expect(table.get("transactions")).toBe(present);
  });

  it.each([5, 50])("may be emptied by who walks through its %i", (count) => {
    const table = new MembershipTable<Membership>();
    for (const member of named(count)) table.add(member);
    let seen = 0;
    for (const member of table.all()) {
      table.remove(member);
      seen += 1;
    }
    expect([seen, table.size]).toEqual([count, 0]);
  });
});
