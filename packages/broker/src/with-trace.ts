import type { Logger } from "@commcoin/service/telemetry";
import type { Broker } from "./broker.ts";

/**
 * The same broker, which logs at `trace` where each message got its position and when it arrived in this process: with the
 * lines of listeners and gateways, the way of one event from slot to socket. Below that level it is the broker itself.
 */
export function withTrace(broker: Broker, log: Logger): Broker {
  if (!log.isLevelEnabled("trace")) return broker;
  return {
    ...broker,
    async publish(messages, options) {
      const published = await broker.publish(messages, options);
      for (const [index, { epoch, offset, duplicate }] of published.entries()) {
        const { id, topic } = messages[index] ?? {};
        log.trace({ id, topic, epoch, offset, duplicate }, "published");
      }
      return published;
    },
    subscribe: (topic, deliver) =>
      broker.subscribe(topic, (delivery) => {
        log.trace({ topic, epoch: delivery.epoch, offset: delivery.offset }, "received from the broker");
        deliver(delivery);
      }),
  };
}
