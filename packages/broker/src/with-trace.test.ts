import { silentLogger } from "@commcoin/service/telemetry";
import { describe, expect, it } from "vitest";
import { createMemoryBroker } from "./memory/memory-broker.ts";
import { recordingLogger } from "./testing/recording-logger.ts";
import { withTrace } from "./with-trace.ts";

describe("withTrace", () => {
  it("says where each message stands and when it arrived", async () => {
    const { logger, lines } = recordingLogger();
    const broker = withTrace(createMemoryBroker(), logger);
    const offsets: number[] = [];
    await broker.subscribe("notifications", ({ offset }) => offsets.push(offset));
    await new Promise(setImmediate);
    await broker.publish(
      ["a", "b"].map((id) => ({ topic: "notifications", type: "Notification", id, data: {} })),
    );
    expect(offsets).toEqual([1, 2]);
    expect(lines.toSorted()).toEqual([
      "trace published",
      "trace published",
      "trace received from the broker",
      "trace received from the broker",
    ]);
  });

  it("is the broker itself where nobody reads it", () => {
    const broker = createMemoryBroker();
    expect(withTrace(broker, silentLogger)).toBe(broker);
  });
});
