import { describe, expect, it } from "vitest";
import { FencedError, type OutgoingMessage } from "../broker.ts";
import { MAX_FRAME_BYTES } from "../encode-message.ts";
import { InvalidMessageError } from "../invalid-message-error.ts";
import { activity, freshTopic, offsetsOf, type BrokerBus } from "./support.ts";

const cyclic: unknown[] = [];
cyclic.push(cyclic);

/** What a broker refuses, and that nothing is left of it. */
export function refusingConformance(getBus: () => BrokerBus): void {
  describe("invalid input", () => {
    const topic = freshTopic();
    it.each<[string, Partial<Record<keyof OutgoingMessage, unknown>>]>([
      ["an empty topic", { topic: "" }],
      ["a topic in capitals", { topic: "Transactions" }],
      ["a topic with a brace", { topic: "account:{x}" }],
      ["a topic that is no text", { topic: 7 }],
      ["an empty type", { type: "" }],
      ["an endless type", { type: "T".repeat(65) }],
      ["an empty id", { id: "" }],
      ["an id that is too long", { id: "x".repeat(201) }],
      ["an id that is no text", { id: null }],
      ["a time that is no number", { ts: Number.NaN }],
      ["a time with a fraction", { ts: 1.5 }],
      ["a bigint", { data: { amount: 1n } }],
      ["undefined", { data: undefined }],
      ["a function", { data: () => 1 }],
      ["a cycle", { data: cyclic }],
      ["more than a frame may hold", { data: "x".repeat(MAX_FRAME_BYTES) }],
    ])("refuses %s, with the whole batch", async (_, wrong) => {
      const broker = await getBus().connect();
      const invalid = { ...activity(topic, "invalid"), ...wrong } as OutgoingMessage;
      await expect(broker.publish([activity(topic, "valid"), invalid])).rejects.toThrow(InvalidMessageError);
      expect(offsetsOf(await broker.positions([topic]))).toEqual([0]);
    });

    it("refuses questions about what is not a topic", async () => {
      const broker = await getBus().connect();
      await expect(broker.subscribe("no topic", () => {})).rejects.toThrow(InvalidMessageError);
      await expect(broker.history("no topic")).rejects.toThrow(InvalidMessageError);
      await expect(broker.positions([topic, "no topic"])).rejects.toThrow(InvalidMessageError);
    });

    it("refuses a fencing number that is none", async () => {
      const broker = await getBus().connect();
      await expect(broker.publish([activity(topic, "a")], { fence: 1.5 })).rejects.toThrow(
        InvalidMessageError,
      );
    });
  });

  describe("fencing", () => {
    it("refuses a topic's messages to whoever has a lower number than it has seen", async () => {
      const [zombie, holder] = [await getBus().connect(), await getBus().connect()];
      const [contested, quiet] = [freshTopic(), freshTopic()];
      await zombie.publish([activity(contested, "a")], { fence: 7 });
      await holder.publish([activity(contested, "b")], { fence: 8 });
      await expect(
        zombie.publish([activity(contested, "c"), activity(quiet, "a")], { fence: 7 }),
      ).rejects.toThrow(FencedError);
      // A topic that has not heard of the new holder takes the message: its id keeps it from being published twice.
      expect(offsetsOf(await holder.positions([contested, quiet]))).toEqual([2, 1]);
      await holder.publish([activity(contested, "c")], { fence: 8 });
      expect(offsetsOf(await holder.positions([contested]))).toEqual([3]);
    });

    it("lets a duplicate tell a topic of the new holder, and the old holder that it must stop", async () => {
      const broker = await getBus().connect();
      const topic = freshTopic();
      await broker.publish([activity(topic, "a")], { fence: 7 });
      expect(await broker.publish([activity(topic, "a")], { fence: 8 })).toMatchObject([
        { offset: 1, duplicate: true },
      ]);
      await expect(broker.publish([activity(topic, "a")], { fence: 7 })).rejects.toThrow(FencedError);
    });

    it("compares numbers, not text, as large as they may be", async () => {
      const broker = await getBus().connect();
      const topic = freshTopic();
      await broker.publish([activity(topic, "a")], { fence: 9 });
      await broker.publish([activity(topic, "b")], { fence: 10 });
      await expect(broker.publish([activity(topic, "c")], { fence: 9 })).rejects.toThrow(FencedError);
      await broker.publish([activity(topic, "d")], { fence: Number.MAX_SAFE_INTEGER });
      await expect(
        broker.publish([activity(topic, "e")], { fence: Number.MAX_SAFE_INTEGER - 1 }),
      ).rejects.toThrow(FencedError);
    });

    it("refuses nothing to publishers without a lease", async () => {
      const broker = await getBus().connect();
      const topic = freshTopic();
      await broker.publish([activity(topic, "a")], { fence: 7 });
      expect(await broker.publish([activity(topic, "b")])).toMatchObject([{ offset: 2 }]);
    });
  });
}
