import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { brokerConformance, conformanceRetention } from "./conformance/index.ts";
import { createMemoryBroker } from "./memory/memory-broker.ts";
import { withMetrics } from "./with-metrics.ts";

const message = (id: string) => ({ topic: "notifications", type: "Notification", id, data: {} });

describe("withMetrics", () => {
  it("counts what goes in and out, what fails and why, and whether the broker works", async () => {
    const registry = new Registry();
    const broker = withMetrics(createMemoryBroker(), registry);
    const valueOf = async (line: string): Promise<string | undefined> =>
      (await registry.metrics())
        .split("\n")
        .find((each) => each.startsWith(`commcoin_broker_${line} `))
        ?.split(" ")[1];

    await broker.subscribe("notifications", () => {});
    await new Promise(setImmediate);
    await broker.publish([message("a"), message("b"), message("a")], { fence: 2 });
    await expect(broker.publish([message("c")], { fence: 1 })).rejects.toThrow("newer holder");
    await expect(broker.publish([message("")])).rejects.toThrow("event id");
    await broker.history("notifications");
    await broker.history("notifications", { since: { epoch: "old", offset: 1 } });

    expect(await valueOf('messages_published_total{result="stored"}')).toBe("2");
    expect(await valueOf('messages_published_total{result="duplicate"}')).toBe("1");
    expect(await valueOf("messages_delivered_total")).toBe("2");
    expect(await valueOf('failures_total{call="publish",reason="fenced"}')).toBe("1");
    expect(await valueOf('failures_total{call="publish",reason="invalid"}')).toBe("1");
    expect(await valueOf('history_total{result="complete"}')).toBe("1");
    expect(await valueOf('history_total{result="epoch_changed"}')).toBe("1");
    expect(await valueOf('call_duration_seconds_count{call="publish"}')).toBe("3");
    expect(await valueOf("up")).toBe("1");
    await broker.close();
    expect(await valueOf("up")).toBe("0");
  });
});

describe("withMetrics on a broker that proves its deliveries", () => {
  it("tells the age of the proof and how often connections were rebuilt", async () => {
    const registry = new Registry();
    let rebuilds = 0;
    withMetrics({ ...createMemoryBroker(), proof: () => ({ ageMs: 1_500, rebuilds }) }, registry);
    expect(await registry.metrics()).toContain("commcoin_broker_proof_age_seconds 1.5\n");
    for (rebuilds = 2; rebuilds < 4; rebuilds += 1) {
      expect(await registry.metrics()).toContain(`commcoin_broker_rebuilds_total ${rebuilds}\n`);
    }
  });

  it("says nothing of it where there is nothing to prove", async () => {
    const registry = new Registry();
    withMetrics(createMemoryBroker(), registry);
    expect(await registry.metrics()).not.toContain("proof");
  });
});

brokerConformance("measured broker", async () => {
  let passed = 0;
  const clock = { now: () => Date.now() + passed, monotonic: () => performance.now() + passed };
  const broker = withMetrics(createMemoryBroker({ retention: conformanceRetention, clock }), new Registry());
  return {
    connect: () => Promise.resolve(broker),
    advance(ms) {
      passed += ms;
    },
    close: () => broker.close(),
  };
});
