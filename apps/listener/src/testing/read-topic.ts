import type { Broker } from "@commcoin/broker";
import { eventFrame, type EventFrame } from "@commcoin/protocol";

/** Everything that a topic keeps, each frame checked against its schema. */
export async function readTopic(broker: Broker, topic: string): Promise<readonly EventFrame[]> {
  const { deliveries } = await broker.history(topic);
  return deliveries.map(({ frame }) => eventFrame.parse(JSON.parse(Buffer.from(frame).toString("utf8"))));
}
