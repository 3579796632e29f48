import { createRedisBroker, type Broker, type OutgoingMessage } from "@commcoin/broker";
import { silentLogger } from "@commcoin/service/telemetry";
import { payload, runPlan, sharedMicros, type FramePlan } from "../harness/frame-plan.ts";
import { serve } from "@commcoin/harness";

let broker: Broker | null = null;
let published = 0;

const started = (): Broker => {
  if (broker === null) throw new Error("The publisher was not started.");
  return broker;
};

const burstOf = ({ topic, framesPerBurst, paddingBytes = 0 }: FramePlan): readonly OutgoingMessage[] => {
  const data = payload(sharedMicros());
  const padded = paddingBytes === 0 ? data : { ...data, padding: "x".repeat(paddingBytes) };
  return Array.from({ length: framesPerBurst }, () => {
    published += 1;
    return { topic, type: "TokenPriceUpdate", id: `bench:${published}`, data: padded };
  });
};

const commands = {
  async start(redisUrl: string): Promise<void> {
    broker = createRedisBroker({ url: redisUrl, logger: silentLogger });
    await broker.start();
  },

  /** Publishes as the plan says, whatever the broker's pace; resolves when all is acknowledged. */
  async publish(plan: FramePlan): Promise<void> {
    const sent: Promise<unknown>[] = [];
    await runPlan(plan, () => {
      sent.push(started().publish(burstOf(plan)));
    });
    await Promise.all(sent);
  },

  position: async (topic: string) => {
    const [position] = await started().positions([topic]);
    if (position === undefined) throw new Error(`There is no position of ${topic}.`);
    return position;
  },
};

export type PublisherCommands = typeof commands;

serve(commands);
