import { describe, expect, it } from "vitest";
import type { OutgoingMessage } from "./broker.ts";
import { encodeMessages } from "./encode-message.ts";

const message = (topic: string, id: string, data: unknown, ts?: number): OutgoingMessage => ({
  topic,
  type: "Notification",
  id,
  data,
  ...(ts !== undefined && { ts }),
});

const framesOf = (messages: readonly OutgoingMessage[]): readonly unknown[] =>
  encodeMessages(messages, 5).map(({ head, tail }) => JSON.parse(`${head}1${tail}`) as unknown);

describe("messages", () => {
  it("of one event are written once", () => {
    let written = 0;
    const data = {
      toJSON() {
        written += 1;
        return { written };
      },
    };
    const topics = ["transactions", "token:a", "user:b"];
    const encoded = encodeMessages(
      topics.map((topic) => message(topic, "one", data)),
      5,
    );
    expect(written).toBe(1);
    expect(encoded.map(({ topic }) => topic)).toEqual(topics);
    expect(encoded.map(({ head, tail }) => JSON.parse(`${head}1${tail}`) as unknown)).toEqual(
      topics.map((topic) => ({
        type: "Notification",
        topic,
        offset: 1,
        id: "one",
        ts: 5,
        data: { written: 1 },
      })),
    );
  });

  it("that differ in anything are written each by itself", () => {
    const data = { n: 1 };
    const messages = [
      message("a", "one", data),
      message("b", "two", data),
      message("b", "two", { n: 2 }),
      message("a", "two", data, 6),
      message("a", "two", data, 7),
    ];
    const frames = messages.map(({ topic, type, id, ts = 5, data: sent }) => ({
      type,
      topic,
      offset: 1,
      id,
      ts,
      data: sent,
    }));
    expect(framesOf(messages)).toEqual(frames);
  });
});
