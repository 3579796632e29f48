import { eventFrame } from "@commcoin/protocol";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import type { OutgoingMessage } from "../broker.ts";
import {
  activities,
  activity,
  after,
  BRIEF_MS,
  countTo,
  FEW_MESSAGES,
  flush,
  follow,
  freshTopic,
  idOf,
  offsetsOf,
  textOf,
  type BrokerBus,
} from "./support.ts";

/** What publishing promises: positions, idempotency, one order, fencing, and nothing stored of what is invalid. */
export function publishingConformance(getBus: () => BrokerBus): void {
  describe("positions", () => {
    it("count 1, 2, 3 … in one epoch, for each topic by itself", async () => {
      const broker = await getBus().connect();
      const [one, other] = [freshTopic(), freshTopic()];
      const before = await broker.positions([one, other]);
      const published = [
        ...(await broker.publish([activity(one, "a"), activity(other, "a"), activity(one, "b")])),
        ...(await broker.publish([activity(one, "c")])),
      ];
      expect(offsetsOf(before)).toEqual([0, 0]);
      expect(offsetsOf(published)).toEqual([1, 1, 2, 3]);
      expect(new Set(published.map(({ duplicate }) => duplicate))).toEqual(new Set([false]));
      expect(published.map(({ epoch }) => epoch)).toEqual([0, 1, 0, 0].map((topic) => before[topic]?.epoch));
      expect(offsetsOf(await broker.positions([other, one]))).toEqual([1, 3]);
    });

    it("are agreed on by all participants", async () => {
      const [writer, reader] = [await getBus().connect(), await getBus().connect()];
      const topic = freshTopic();
      const [asked] = await reader.positions([topic]);
      const [published] = await writer.publish([activity(topic, "a")]);
      expect(published).toEqual({ epoch: asked?.epoch, offset: 1, duplicate: false });
      expect(await reader.positions([topic])).toEqual([{ epoch: asked?.epoch, offset: 1 }]);
    });

    it("are those of the right frames, however types, topics and events are mixed in a batch", async () => {
      const broker = await getBus().connect();
      const topics = [freshTopic(), freshTopic(), freshTopic()];
      const shared = { text: "für alle ✓" };
      const batch = ["UserActivity", "Notification", "Notification", "UserActivity"].flatMap((type, event) =>
        topics.map((topic, place) => ({
          ...activity(topic, `event-${event}`, event % 2 === 0 ? shared : { event, place }),
          type,
        })),
      );
      const published = await broker.publish(batch);
      const histories = await Promise.all(topics.map((topic) => broker.history(topic)));
      const frames = histories.flatMap(({ deliveries }) => deliveries.map(textOf));
      expect(offsetsOf(published)).toEqual([1, 2, 3, 4].flatMap((offset) => topics.map(() => offset)));
      expect(new Set(frames)).toEqual(
        new Set(
          batch.map(({ type, topic, id, ts, data }, index) =>
            JSON.stringify({ type, topic, offset: published[index]?.offset, id, ts, data }),
          ),
        ),
      );
    });

    it("accepts an empty batch and an empty question", async () => {
      const broker = await getBus().connect();
      expect(await broker.publish([])).toEqual([]);
      expect(await broker.positions([])).toEqual([]);
    });
  });

  describe("idempotency", () => {
    it("publishes an id once, within a batch, across batches and across publishers", async () => {
      const [first, second] = [await getBus().connect(), await getBus().connect()];
      const topic = freshTopic();
      const follower = await follow(second, topic);
      const batch = await first.publish([activity(topic, "a"), activity(topic, "b"), activity(topic, "a")]);
      const again = await second.publish([activity(topic, "b", { other: true }), activity(topic, "c")]);
      expect(batch.map(({ offset, duplicate }) => [offset, duplicate])).toEqual([
        [1, false],
        [2, false],
        [1, true],
      ]);
      expect(again.map(({ offset, duplicate }) => [offset, duplicate])).toEqual([
        [2, true],
        [3, false],
      ]);
      expect(new Set([...batch, ...again].map(({ epoch }) => epoch)).size).toBe(1);
      await flush(first, topic, [follower]);
      expect(follower.deliveries.map(idOf).slice(0, 3)).toEqual(["a", "b", "c"]);
      expect(offsetsOf(follower.deliveries)).toEqual([1, 2, 3, 4]);
    });

    it("publishes an id once when several publishers send it at the same time", async () => {
      const publishers = await Promise.all(countTo(3).map(() => getBus().connect()));
      const topic = freshTopic();
      const ids = countTo(50).map((n) => `event-${n}`);
      const published = await Promise.all(
        publishers.map((publisher) => Promise.all(ids.map((id) => publisher.publish([activity(topic, id)])))),
      );
      const [one, two, three] = published.map((all) => all.flat().map(({ offset }) => offset));
      expect(two).toEqual(one);
      expect(three).toEqual(one);
      expect(published.flat(2).filter(({ duplicate }) => !duplicate)).toHaveLength(50);
      expect(offsetsOf(await (await getBus().connect()).positions([topic]))).toEqual([50]);
    });

    it("treats the same id in another topic as another message", async () => {
      const broker = await getBus().connect();
      const published = await broker.publish([activity(freshTopic(), "a"), activity(freshTopic(), "a")]);
      expect(published.map(({ duplicate }) => duplicate)).toEqual([false, false]);
    });

    it("remembers an id whose message was trimmed by count", async () => {
      const broker = await getBus().connect();
      const topic = freshTopic("few");
      await broker.publish(activities(topic, FEW_MESSAGES * 3));
      expect(await broker.publish([activity(topic, "event-1")])).toEqual([
        expect.objectContaining({ offset: 1, duplicate: true }),
      ]);
    });

    it("forgets ids in the end", async () => {
      const broker = await getBus().connect();
      const topic = freshTopic("brief");
      await broker.publish([activity(topic, "a")]);
      await after(getBus(), BRIEF_MS + 1, async () => {
        expect(await broker.publish([activity(topic, "a")])).toEqual([
          expect.objectContaining({ offset: 2, duplicate: false }),
        ]);
      });
    });
  });

  describe("order", () => {
    it("gives concurrent publishers contiguous offsets and all subscribers the same order", async () => {
      const publishers = await Promise.all(countTo(4).map(() => getBus().connect()));
      const topic = freshTopic();
      const followers = await Promise.all(publishers.map((publisher) => follow(publisher, topic)));
      await Promise.all(
        publishers.map(async (publisher, index) => {
          for (const n of countTo(100)) await publisher.publish([activity(topic, `${index}-${n}`)]);
        }),
      );
      await eventually(() => {
        for (const { deliveries } of followers) expect(offsetsOf(deliveries)).toEqual(countTo(400));
      });
      const [order, ...others] = followers.map(({ deliveries }) => deliveries.map(idOf));
      for (const other of others) expect(other).toEqual(order);
      for (const index of countTo(3, 0)) {
        expect(order?.filter((id) => id.startsWith(`${index}-`))).toEqual(
          countTo(100).map((n) => `${index}-${n}`),
        );
      }
    });

    it("keeps the order of publishes that are sent without waiting", async () => {
      const broker = await getBus().connect();
      const topic = freshTopic();
      const published = await Promise.all(activities(topic, 300).map((message) => broker.publish([message])));
      expect(offsetsOf(published.flat())).toEqual(countTo(300));
    });

    it("publishes thousands of messages to many topics in one batch", async () => {
      const [writer, reader] = [await getBus().connect(), await getBus().connect()];
      const topics = countTo(200).map(() => freshTopic());
      const followers = await Promise.all(topics.slice(0, 10).map((topic) => follow(reader, topic)));
      const batch: OutgoingMessage[] = countTo(25).flatMap((n) =>
        topics.map((topic) => activity(topic, `event-${n}`)),
      );
      const published = await writer.publish(batch);
      expect(offsetsOf(published)).toEqual(countTo(25).flatMap((n) => topics.map(() => n)));
      expect(offsetsOf(await reader.positions(topics))).toEqual(topics.map(() => 25));
      await eventually(() => {
        for (const { deliveries } of followers) expect(offsetsOf(deliveries)).toEqual(countTo(25));
      });
    });
  });

  describe("frames", () => {
    it("are the complete text of an event frame, whatever the data holds", async () => {
      const [writer, reader] = [await getBus().connect(), await getBus().connect()];
      const topic = freshTopic("notifications");
      const follower = await follow(reader, topic);
      const data = {
        user_id: null,
        title: `"quotes", \\backslashes\\ and a line\nbreak`,
        message: "Grüße, 你好, 🪙, \u2028, \u0000, a lone \uD83D, {} [] % $ ` and 'more'",
        notification_type: "test",
        data: { deep: [null, true, -0.5, { "": "empty" }] },
      };
      const id = `"\\ü🪙:${"x".repeat(100)}`;
      await writer.publish([{ topic, id, type: "Notification", ts: 1_700_000_000_123, data }]);
      await eventually(() => expect(follower.deliveries).toHaveLength(1));
      const { deliveries } = await reader.history(topic);
      const texts = [...follower.deliveries, ...deliveries].map(textOf);
      expect(texts[1]).toBe(texts[0]);
      expect(eventFrame.parse(JSON.parse(texts[0] ?? ""))).toEqual({
        type: "Notification",
        topic,
        offset: 1,
        id,
        ts: 1_700_000_000_123,
        data: JSON.parse(JSON.stringify(data)) as unknown,
      });
      expect(follower.deliveries[0]).toMatchObject({ epoch: follower.position.epoch, offset: 1 });
    });

    it("are given the time of publishing when the publisher names none", async () => {
      const broker = await getBus().connect();
      const topic = freshTopic();
      await broker.publish([{ topic, id: "a", type: "UserActivity", data: null }]);
      const [delivery] = (await broker.history(topic)).deliveries;
      const frame = JSON.parse(delivery === undefined ? "null" : textOf(delivery)) as {
        ts: unknown;
        data: unknown;
      };
      expect(frame.ts).toEqual(expect.any(Number));
      expect(frame.data).toBeNull();
    });

    it("carry a message of hundreds of kilobytes", async () => {
      const broker = await getBus().connect();
      const topic = freshTopic();
      const follower = await follow(broker, topic);
      await broker.publish([activity(topic, "big", "ü".repeat(250_000))]);
      await eventually(() => expect(follower.deliveries).toHaveLength(1));
      expect(follower.deliveries[0]?.frame.byteLength).toBeGreaterThan(500_000);
    });
  });
}
