import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import type { Broker, Delivery } from "../broker.ts";
import {
  activities,
  activity,
  countTo,
  flush,
  follow,
  freshTopic,
  offsetsOf,
  type BrokerBus,
} from "./support.ts";

/** Publishes one message after the other until it is told to stop; returns how many. */
function hammer(broker: Broker, topic: string): { stop(): Promise<number> } {
  const stopping = new AbortController();
  const publishing = (async () => {
    let count = 0;
    while (!stopping.signal.aborted) {
      count += 1;
      await broker.publish([activity(topic, `hammer-${count}`)]);
      // Gives the others a turn where publishing never waits for anything.
      await new Promise(setImmediate);
    }
    return count;
  })();
  return {
    stop() {
      stopping.abort();
      return publishing;
    },
  };
}

/** What live delivery promises. */
export function subscribingConformance(getBus: () => BrokerBus): void {
  describe("live delivery", () => {
    it("brings every message to several subscribers of several participants, in order", async () => {
      const [writer, reader] = [await getBus().connect(), await getBus().connect()];
      const topic = freshTopic();
      const followers = [
        await follow(reader, topic),
        await follow(reader, topic),
        await follow(writer, topic),
      ];
      await writer.publish(activities(topic, 250));
      await eventually(() => {
        for (const { deliveries } of followers) expect(offsetsOf(deliveries)).toEqual(countTo(250));
      });
    });

    it("brings a subscriber nothing of other topics", async () => {
      const broker = await getBus().connect();
      const [wanted, other] = [freshTopic(), freshTopic()];
      const follower = await follow(broker, wanted);
      await broker.publish(activities(other, 5));
      await flush(broker, wanted, [follower]);
      expect(offsetsOf(follower.deliveries)).toEqual([1]);
    });

    it("starts exactly at the position of the subscription while a publisher never rests", async () => {
      const [writer, reader] = [await getBus().connect(), await getBus().connect()];
      const topic = freshTopic();
      const publisher = hammer(writer, topic);
      const staying: Awaited<ReturnType<typeof follow>>[] = [];
      for (const round of countTo(10)) {
        const follower = await follow(reader, topic);
        staying.push(follower);
        await eventually(() => expect(follower.deliveries.length).toBeGreaterThan(round));
        // Comes and goes at once.
        (await follow(reader, topic)).unsubscribe();
      }
      const total = await publisher.stop();
      await eventually(() => {
        for (const { position, deliveries } of staying) {
          expect(offsetsOf(deliveries)).toEqual(countTo(total, position.offset + 1));
        }
      });
      expect(new Set(staying.map(({ position }) => position.epoch)).size).toBe(1);
    });

    it("delivers for the first time after the subscriber knows its position", async () => {
      const [writer, reader] = [await getBus().connect(), await getBus().connect()];
      const topic = freshTopic();
      const publisher = hammer(writer, topic);
      for (const _ of countTo(20)) {
        let known = false;
        const early: Delivery[] = [];
        let delivered = 0;
        const subscription = await reader.subscribe(topic, (delivery) => {
          delivered += 1;
          if (!known) early.push(delivery);
        });
        known = true;
        await eventually(() => expect(delivered).toBeGreaterThan(0));
        subscription.unsubscribe();
        expect(early).toEqual([]);
      }
      await publisher.stop();
    });

    it("stops at once when unsubscribed, also from within a delivery, and spares the others", async () => {
      const broker = await getBus().connect();
      const topic = freshTopic();
      const [leaving, staying] = [await follow(broker, topic), await follow(broker, topic)];
      const once: Delivery[] = [];
      const subscription = await broker.subscribe(topic, (delivery) => {
        once.push(delivery);
        subscription.unsubscribe();
      });
      await broker.publish(activities(topic, 3));
      await eventually(() => expect(offsetsOf(leaving.deliveries)).toEqual([1, 2, 3]));
      leaving.unsubscribe();
      leaving.unsubscribe();
      await flush(broker, topic, [staying]);
      expect(offsetsOf(leaving.deliveries)).toEqual([1, 2, 3]);
      expect(offsetsOf(staying.deliveries)).toEqual([1, 2, 3, 4]);
      expect(offsetsOf(once)).toEqual([1]);
    });

    it("delivers nothing to a subscription that was ended before its first message", async () => {
      const broker = await getBus().connect();
      const topic = freshTopic();
      const staying = await follow(broker, topic);
      const ended = await follow(broker, topic);
      ended.unsubscribe();
      await flush(broker, topic, [staying]);
      expect(ended.deliveries).toEqual([]);
    });

    it("follows a topic that is left and joined again and again", async () => {
      const [writer, reader] = [await getBus().connect(), await getBus().connect()];
      const topic = freshTopic();
      for (const round of countTo(30)) {
        const follower = await follow(reader, topic);
        expect(follower.position.offset).toBe(round - 1);
        await flush(writer, topic, [follower]);
        follower.unsubscribe();
      }
    });

    it("serves hundreds of topics that are joined at the same time", async () => {
      const [writer, reader] = [await getBus().connect(), await getBus().connect()];
      const topics = countTo(700).map(() => freshTopic());
      const followers = await Promise.all(topics.map((topic) => follow(reader, topic)));
      await writer.publish(topics.map((topic) => activity(topic, "a")));
      await eventually(() => {
        expect(followers.filter(({ deliveries }) => deliveries.length === 1)).toHaveLength(700);
      });
    });
  });
}
