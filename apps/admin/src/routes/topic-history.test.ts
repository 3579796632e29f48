import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestApp, NOTIFICATION, type TestApp } from "../testing/app.ts";
import { topicHistory } from "./topic-history.ts";

let test: TestApp;
beforeEach(async () => {
  test = await createTestApp();
  await test.broker.publish(
    Array.from({ length: 150 }, (_, index) => ({
      topic: "notifications",
      type: "Notification",
      id: `n-${index + 1}`,
      data: { ...NOTIFICATION, title: `Nº ${index + 1} “quoted”` },
    })),
  );
});
afterEach(async () => {
  await test.app.close();
});

const read = async (query: string) => {
  const answer = await test.app.inject(`/api/topics/notifications/history${query}`);
  expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
  return topicHistory.strict().parse(answer.json());
};
const offsets = ({ messages }: Awaited<ReturnType<typeof read>>) => messages.map(({ offset }) => offset);

describe("GET /api/topics/:topic/history", () => {
  it("has the newest messages, the oldest of them first", async () => {
    const history = await read("");
    expect(history).toMatchObject({ topic: "notifications", offset: 150, recovered: true, more: false });
    expect(offsets(history)).toEqual(Array.from({ length: 100 }, (_, index) => index + 51));
    expect(offsets(await read("?limit=2"))).toEqual([149, 150]);
  });

  it("continues after a position", async () => {
    const { epoch } = await read("?limit=1");
    const page = await read(`?since=${epoch}:20&limit=3`);
    expect([offsets(page), page.more]).toEqual([[21, 22, 23], true]);
    const end = await read(`?since=${epoch}:150`);
    expect([offsets(end), end.more]).toEqual([[], false]);
  });

  it("is bounded in bytes, and says where to go on", async () => {
    const padding = "x".repeat(50_000);
    const large = await test.broker.publish(
      Array.from({ length: 60 }, (_, index) => ({
        topic: "notifications",
        type: "Notification",
        id: `large-${index}`,
        data: { ...NOTIFICATION, data: padding },
      })),
    );
    const top = large.at(-1)?.offset ?? 0;
    const newest = await read("?limit=50");
    expect(newest).toMatchObject({ offset: top, more: false, cut: true, next: `${newest.epoch}:${top}` });
    expect(offsets(newest)).toEqual(Array.from({ length: 20 }, (_, index) => top - 19 + index));

    const seen: number[] = [];
    let since = `${newest.epoch}:150`;
    for (
      let page = await read(`?since=${since}&limit=300`);
      ;
      page = await read(`?since=${since}&limit=300`)
    ) {
      seen.push(...offsets(page));
      since = page.next ?? since;
      expect(page.cut).toBe(page.more);
      if (!page.more) break;
    }
    expect(seen).toEqual(large.map(({ offset }) => offset));
  });

  it("is not cut when it has all that was asked for, or all that there is", async () => {
    expect(await read("?limit=150")).toMatchObject({ cut: false });
    expect(await read("?limit=300")).toMatchObject({ cut: false });
    const { epoch } = await read("?limit=1");
    expect(await read(`?since=${epoch}:100&limit=20`)).toMatchObject({
      cut: false,
      more: true,
      next: `${epoch}:120`,
    });
    expect(await read(`?since=${epoch}:150`)).toMatchObject({ cut: false, more: false, next: null });
  });

  it("says so when the position belongs to another epoch", async () => {
    expect(await read("?since=other:20")).toMatchObject({
      recovered: false,
      reason: "epoch_changed",
      messages: [],
    });
  });

  it("has nothing of a topic that nobody published to", async () => {
    for (const user of ["u".repeat(256), "ü".repeat(128), "auth0|5f7c8e"]) {
      const answer = await test.app.inject(`/api/topics/${encodeURIComponent(`user:${user}`)}/history`);
      expect(topicHistory.parse(answer.json())).toMatchObject({
        topic: `user:${user}`,
        offset: 0,
        recovered: true,
        messages: [],
      });
    }
  });

  it.each(["?since=20", "?since=a:b", "?limit=0", "?limit=301", "?limit=x"])("refuses %s", async (query) => {
    const answer = await test.app.inject(`/api/topics/notifications/history${query}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().message).toMatch(/^(since|limit): /);
  });
});
