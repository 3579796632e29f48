import { createMetricsRegistry } from "@commcoin/service/telemetry";
import { eventFrameHead, eventFrameTail } from "@commcoin/protocol";
import { describe, expect, it } from "vitest";
import { exposeGauges } from "./gauges.ts";
import { createGatewayMetrics } from "./gateway-metrics.ts";

const frame = (ts: number, id = "id", dataJson = "{}"): Uint8Array => {
  const head = eventFrameHead({ type: "MarketData", topic: "market_data" });
  const tail = eventFrameTail({ id, ts, dataJson });
  return Buffer.from(`${head}1${tail}`);
};
const feed = { topic: "market_data", epoch: "e", offset: 1, subscribers: 10 };
const gauges = {
  connections: () => 3,
  users: () => 2,
  subscriptions: () => 5,
  topics: () => 4,
  fillingTopics: () => 1,
  waitingBytes: () => 6,
};

describe("metrics", () => {
  it("tells totals that the registry carries", () => {
    const metrics = createGatewayMetrics(createMetricsRegistry("gateway"), () => 1_004);
    for (let i = 0; i < 16; i += 1) metrics.delivered(feed, frame(1_000));
    metrics.recovered("memory", "recovered");
    metrics.reset("trimmed");
    metrics.closed(3008);
    metrics.closed(3008);
    expect(metrics.totals()).toEqual({
      published: 16,
      delivered: 160,
      latency_ms: 8,
      latency_samples: 2,
      recoveries: 1,
      resets: 1,
      closed_3008: 2,
    });
  });

  it("counts deliveries per subscriber and measures a sample of frames", async () => {
    const registry = createMetricsRegistry("gateway");
    const metrics = createGatewayMetrics(registry, () => 1_004);
    exposeGauges(registry, gauges);
    const one = frame(1_000);
    for (let i = 0; i < 16; i += 1) metrics.delivered(feed, one);
    const text = await registry.metrics();
    expect(text).toContain('commcoin_gateway_deliveries_total{service="gateway"} 160');
    expect(text).toContain(
      `commcoin_gateway_delivered_bytes_total{service="gateway"} ${160 * one.byteLength}`,
    );
    expect(text).toContain('commcoin_gateway_publish_to_send_seconds_count{service="gateway"} 2');
    expect(text).toContain('commcoin_gateway_connections{service="gateway"} 3');
    expect(text).toContain('commcoin_gateway_waiting_bytes{service="gateway"} 6');
    expect(await registry.metrics()).toContain('commcoin_gateway_deliveries_total{service="gateway"} 160');
  });
});
