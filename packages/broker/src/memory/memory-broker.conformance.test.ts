import { brokerConformance, conformanceRetention } from "../conformance/index.ts";
import { createMemoryBroker } from "./memory-broker.ts";

brokerConformance("memory broker", async () => {
  let passed = 0;
  const clock = { now: () => Date.now() + passed, monotonic: () => performance.now() + passed };
  const broker = createMemoryBroker({ retention: conformanceRetention, clock });
  return {
    connect: () => Promise.resolve(broker),
    now: () => clock.now(),
    advance(ms) {
      passed += ms;
    },
    close: () => broker.close(),
  };
});
