import { describe, expect, it } from "vitest";
import {
  activities,
  activity,
  after,
  BRIEF_MS,
  countTo,
  FEW_MESSAGES,
  freshTopic,
  idOf,
  offsetsOf,
  type BrokerBus,
} from "./support.ts";

/** What the past of a topic promises. */
export function historyConformance(getBus: () => BrokerBus): void {
  const tenMessages = async () => {
    const broker = await getBus().connect();
    const topic = freshTopic();
    await broker.publish(activities(topic, 10));
    const [position] = await broker.positions([topic]);
    const epoch = position?.epoch ?? "";
    const ask = async (query: Parameters<typeof broker.history>[1]) => {
      const { deliveries, unrecovered, more, position } = await broker.history(topic, query);
      expect(position).toEqual({ epoch, offset: 10 });
      expect(new Set(deliveries.map((delivery) => delivery.epoch)).size).toBeLessThanOrEqual(1);
      return [offsetsOf(deliveries), unrecovered, more];
    };
    return { ask, epoch };
  };

  describe("history", () => {
    it("is empty for a topic that nobody published to", async () => {
      const broker = await getBus().connect();
      const topic = freshTopic();
      const history = await broker.history(topic);
      expect(history).toEqual({ position: history.position, deliveries: [], unrecovered: null, more: false });
      expect(await broker.positions([topic])).toEqual([history.position]);
      expect(history.position.offset).toBe(0);
      expect(await broker.history(topic, { since: history.position })).toEqual(history);
    });

    it("holds everything in order, with the epoch and offset of each", async () => {
      const broker = await getBus().connect();
      const topic = freshTopic();
      await broker.publish(activities(topic, 10));
      const { deliveries, position } = await broker.history(topic);
      expect(deliveries.map(idOf)).toEqual(countTo(10).map((n) => `event-${n}`));
      expect(offsetsOf(deliveries)).toEqual(countTo(10));
      expect(new Set(deliveries.map(({ epoch }) => epoch))).toEqual(new Set([position.epoch]));
    });

    it("answers since, last and limit, alone and together", async () => {
      const { ask, epoch } = await tenMessages();
      expect(await ask({})).toEqual([countTo(10), null, false]);
      expect(await ask({ since: { epoch, offset: 7 } })).toEqual([[8, 9, 10], null, false]);
      expect(await ask({ since: { epoch, offset: 10 } })).toEqual([[], null, false]);
      expect(await ask({ since: { epoch, offset: 0 } })).toEqual([countTo(10), null, false]);
      expect(await ask({ last: 3 })).toEqual([[8, 9, 10], null, false]);
      expect(await ask({ last: 0 })).toEqual([[], null, false]);
      expect(await ask({ last: 50 })).toEqual([countTo(10), null, false]);
      expect(await ask({ limit: 4 })).toEqual([[1, 2, 3, 4], null, true]);
      expect(await ask({ limit: 10 })).toEqual([countTo(10), null, false]);
      expect(await ask({ limit: 0 })).toEqual([[], null, true]);
      expect(await ask({ since: { epoch, offset: 4 }, limit: 2 })).toEqual([[5, 6], null, true]);
      expect(await ask({ since: { epoch, offset: 4 }, last: 3 })).toEqual([[8, 9, 10], null, false]);
      expect(await ask({ since: { epoch, offset: 8 }, last: 3 })).toEqual([[9, 10], null, false]);
      expect(await ask({ since: { epoch, offset: 1 }, last: 6, limit: 2 })).toEqual([[5, 6], null, true]);
      expect(await ask({ until: 3 })).toEqual([[1, 2, 3], null, true]);
      expect(await ask({ until: 10 })).toEqual([countTo(10), null, false]);
      expect(await ask({ until: 0 })).toEqual([[], null, true]);
      expect(await ask({ until: 50, last: 1 })).toEqual([[10], null, false]);
      expect(await ask({ until: 7, last: 3 })).toEqual([[5, 6, 7], null, true]);
      expect(await ask({ since: { epoch, offset: 4 }, until: 6 })).toEqual([[5, 6], null, true]);
      expect(await ask({ since: { epoch, offset: 6 }, until: 6 })).toEqual([[], null, true]);
    });

    it("tells as much of it as fits into so many bytes, but one message at least", async () => {
      const broker = await getBus().connect();
      const topic = freshTopic();
      await broker.publish(activities(topic, 99));
      const { deliveries } = await broker.history(topic);
      const bytes = (from: number, to: number): number =>
        deliveries
          .filter(({ offset }) => offset >= from && offset <= to)
          .reduce((sum, { frame }) => sum + frame.byteLength, 0);
      const ask = async (query: Parameters<typeof broker.history>[1]) => {
        const answer = await broker.history(topic, query);
        const offsets = offsetsOf(answer.deliveries);
        expect(answer.deliveries).toEqual(deliveries.filter(({ offset }) => offsets.includes(offset)));
        return [offsets, answer.unrecovered, answer.more];
      };
      const since = (offset: number) => ({ epoch: deliveries[0]?.epoch ?? "", offset });
      expect(await ask({ maxBytes: bytes(1, 99) })).toEqual([countTo(99), null, false]);
      expect(await ask({ maxBytes: bytes(1, 99) - 1 })).toEqual([countTo(98), null, true]);
      expect(await ask({ maxBytes: bytes(1, 40), limit: 30 })).toEqual([countTo(30), null, true]);
      expect(await ask({ since: since(50), maxBytes: bytes(51, 70) })).toEqual([countTo(70, 51), null, true]);
      expect(await ask({ since: since(99), maxBytes: 1 })).toEqual([[], null, false]);
      expect(await ask({ maxBytes: 0 })).toEqual([[1], null, true]);
      expect(await ask({ last: 60, maxBytes: bytes(65, 99) })).toEqual([countTo(99, 65), null, false]);
      expect(await ask({ last: 60, maxBytes: bytes(65, 99) - 1 })).toEqual([countTo(99, 66), null, false]);
      expect(await ask({ last: 60, until: 80, maxBytes: bytes(41, 80) })).toEqual([
        countTo(80, 41),
        null,
        true,
      ]);
      expect(await ask({ last: 3, maxBytes: 1 })).toEqual([[99], null, false]);
      expect(await ask({ last: 0, maxBytes: 1 })).toEqual([[], null, false]);
    });

    it("says when a position is of another life of the topic, or ahead of it", async () => {
      const { ask, epoch } = await tenMessages();
      expect(await ask({ since: { epoch: "another", offset: 3 } })).toEqual([[], "epoch_changed", false]);
      expect(await ask({ since: { epoch: "another", offset: 0 } })).toEqual([[], "epoch_changed", false]);
      expect(await ask({ since: { epoch, offset: 11 } })).toEqual([[], "epoch_changed", false]);
    });

    it("keeps as many messages as the topic may have, and says what is gone", async () => {
      const broker = await getBus().connect();
      const topic = freshTopic("few");
      await broker.publish(activities(topic, 3 * FEW_MESSAGES));
      const { deliveries, position } = await broker.history(topic);
      const top = 3 * FEW_MESSAGES;
      expect(offsetsOf(deliveries)).toEqual(countTo(top, top - FEW_MESSAGES + 1));
      const since = (offset: number) => broker.history(topic, { since: { ...position, offset } });
      expect(await since(top - FEW_MESSAGES)).toMatchObject({ unrecovered: null, deliveries });
      expect(await since(top - FEW_MESSAGES - 1)).toMatchObject({
        unrecovered: "trimmed",
        deliveries: [],
        more: false,
      });
      expect(await since(0)).toMatchObject({ unrecovered: "trimmed", deliveries: [], position });
    });

    it("keeps messages as long as the topic may have them, and the position longer", async () => {
      const broker = await getBus().connect();
      const topic = freshTopic("brief");
      await broker.publish(activities(topic, 3));
      const { position, deliveries } = await broker.history(topic);
      expect(offsetsOf(deliveries)).toEqual([1, 2, 3]);
      await after(getBus(), BRIEF_MS + 1, async () => {
        expect(await broker.history(topic)).toEqual({
          position,
          deliveries: [],
          unrecovered: null,
          more: false,
        });
      });
      expect(await broker.history(topic, { since: position })).toMatchObject({
        deliveries: [],
        unrecovered: null,
      });
      expect(await broker.history(topic, { since: { ...position, offset: 2 } })).toMatchObject({
        deliveries: [],
        unrecovered: "trimmed",
      });
      expect(await broker.publish([activity(topic, "later")])).toEqual([
        { epoch: position.epoch, offset: 4, duplicate: false },
      ]);
      expect(offsetsOf((await broker.history(topic, { since: position })).deliveries)).toEqual([4]);
    });

    it("drops the old and keeps the new of a topic that is always in use", async () => {
      const broker = await getBus().connect();
      const topic = freshTopic("brief");
      await broker.publish(activities(topic, 40, "old"));
      let count = 0;
      await after(getBus(), BRIEF_MS + 1, async () => {
        count += 1;
        await broker.publish([activity(topic, `new-${count}`)]);
        const { deliveries } = await broker.history(topic);
        expect(deliveries.map(idOf).filter((id) => id.startsWith("old"))).toEqual([]);
        expect(offsetsOf(deliveries).at(-1)).toBe(40 + count);
      });
    });
  });
}
