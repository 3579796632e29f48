import type { Logger } from "@commcoin/service/telemetry";
import type { FeedObserver } from "./feed-context.ts";

/** The same observer, which logs at `trace` how many sockets got each frame; the observer itself below that level. */
export function traceDeliveries(observer: FeedObserver, log: Logger): FeedObserver {
  if (!log.isLevelEnabled("trace")) return observer;
  return {
    ...observer,
    delivered(feed, frame) {
      const { topic, epoch, offset, subscribers } = feed;
      log.trace({ topic, epoch, offset, sockets: subscribers }, "written to sockets");
      observer.delivered(feed, frame);
    },
  };
}
