import { REFUSALS } from "@commcoin/protocol";
import { METRIC_PREFIX } from "@commcoin/service/telemetry";
import { Histogram, type Registry } from "prom-client";
import { publishedAt } from "../frames/published-at.ts";
import type { RecoveryObserver } from "../membership/memberships.ts";
import { RESET_REASONS, type FeedObserver } from "../topics/feed-context.ts";
import { createInstruments } from "./instruments.ts";

/** From a message on loopback to one that waited for a reconnect of the broker. */
const LATENCY_BUCKETS_S = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** Every so many frames one is measured: enough for a histogram, too few to be felt on the hot path. */
const LATENCY_SAMPLE = 8;

/** Names as in the registry. Those of close codes, `closed_3001`, are there once one was sent. */
export type GatewayTotals = Readonly<
  Record<"published" | "delivered" | "latency_ms" | "latency_samples" | "recoveries" | "resets", number> &
    Record<`closed_${number}`, number>
>;

export interface GatewayMetrics extends FeedObserver {
  /** Counted since the start, for those who see the gateway in the registry only. */
  readonly totals: () => GatewayTotals;
  readonly recovered: RecoveryObserver;
  frameReceived(type: string): void;
  readonly authenticated: (outcome: string) => void;
  readonly errorSent: (code: string) => void;
  /** Only codes that this server sent: those of clients are without bound. */
  readonly closed: (code: number) => void;
  readonly refused: (code: string) => void;
  /** A connection was closed again because the cluster holds enough of its user or its address. */
  readonly overLimit: (limit: "user" | "address") => void;
  slowConsumer(): void;
}

export function createGatewayMetrics(registry: Registry, now: () => number = Date.now): GatewayMetrics {
  const { counter, hotCounter } = createInstruments(registry);
  let frames = 0;
  let deliveries = 0;
  let deliveredBytes = 0;
  hotCounter("published_frames_total", "Frames published to local subscribers", () => frames);
  hotCounter("deliveries_total", "Frames handed to sockets, one per subscriber", () => deliveries);
  hotCounter("delivered_bytes_total", "Payload bytes handed to sockets", () => deliveredBytes);

  const latency = new Histogram({
    name: `${METRIC_PREFIX}gateway_publish_to_send_seconds`,
    help: `From publishing to sending, of every ${LATENCY_SAMPLE}th frame; compares the clocks of two machines`,
    buckets: LATENCY_BUCKETS_S,
    registers: [registry],
  });
  const framesIn = counter("frames_in_total", "Frames that clients sent", ["type"]);
  const authentications = counter("authentications_total", "Tokens that were judged", ["outcome"]);
  const errors = counter("errors_total", "Error frames sent", ["code"]);
  const closes = counter("closes_total", "Connections closed by the server", ["code"]);
  const refusals = counter("refused_total", "Connections refused before they were opened", ["code"]);
  const excesses = counter(
    "over_limit_total",
    "Connections closed (3504) because the cluster holds as many of that user or address as it may",
    ["limit"],
  );
  const gaps = counter("gaps_filled_total", "Frames read from history because they had not arrived");
  const resets = counter("resets_total", "Positions lost", ["reason"]);
  // From 0 on, so that the increase of the first one is seen.
  for (const code of Object.keys(REFUSALS)) refusals.inc({ code }, 0);
  for (const reason of RESET_REASONS) resets.inc({ reason }, 0);
  const recoveries = counter("recoveries_total", "Replays asked for", ["source", "outcome"]);
  const conflations = counter(
    "conflations_total",
    "Times that a slow client began to get the newest values only",
  );
  const slow = counter("slow_consumers_total", "Connections closed because too much waited for them");

  const totals = { latency_ms: 0, latency_samples: 0, recoveries: 0, resets: 0 };
  const closed: Record<`closed_${number}`, number> = {};

  return {
    totals: () => ({ published: frames, delivered: deliveries, ...totals, ...closed }),
    delivered({ subscribers }, frame) {
      frames += 1;
      deliveries += subscribers;
      deliveredBytes += subscribers * frame.byteLength;
      if (frames % LATENCY_SAMPLE !== 0) return;
      const ts = publishedAt(frame);
      if (ts === null) return;
      const ms = Math.max(0, now() - ts);
      latency.observe(ms / 1_000);
      totals.latency_ms += ms;
      totals.latency_samples += 1;
    },
    conflated: () => conflations.inc(),
    gapFilled: (count) => gaps.inc(count),
    reset(reason) {
      resets.inc({ reason });
      totals.resets += 1;
    },
    recovered(source, outcome) {
      recoveries.inc({ source, outcome });
      totals.recoveries += 1;
    },
    frameReceived: (type) => framesIn.inc({ type }),
    authenticated: (outcome) => authentications.inc({ outcome }),
    errorSent: (code) => errors.inc({ code }),
    closed(code) {
      closes.inc({ code: String(code) });
      closed[`closed_${code}`] = (closed[`closed_${code}`] ?? 0) + 1;
    },
    refused: (code) => refusals.inc({ code }),
    overLimit: (limit) => excesses.inc({ limit }),
    slowConsumer: () => slow.inc(),
  };
}
