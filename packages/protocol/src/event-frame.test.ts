import { describe, expect, it } from "vitest";
import { eventFrame, eventFrameHead, eventFrameTail } from "./event-frame.ts";

const notification = {
  user_id: "123",
  title: 'He said "hi"',
  message: "Grüße 🚀\u2028",
  notification_type: "info",
};

describe("an event frame in two pieces", () => {
  it("is the frame once the offset stands between them", () => {
    const head = eventFrameHead({ type: "Notification", topic: "user:123" });
    const tail = eventFrameTail({
      id: 'a"b',
      ts: 1_700_000_000_000,
      dataJson: JSON.stringify(notification),
    });
    expect(eventFrame.parse(JSON.parse(`${head}58${tail}`))).toEqual({
      type: "Notification",
      topic: "user:123",
      offset: 58,
      id: 'a"b',
      ts: 1_700_000_000_000,
      data: notification,
    });
  });
});
