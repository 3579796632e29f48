import { afterAll, beforeAll, describe } from "vitest";
import { demandConformance } from "./demand.ts";
import { historyConformance } from "./history.ts";
import { modelConformance } from "./model.ts";
import { publishingConformance } from "./publishing.ts";
import { refusingConformance } from "./refusing.ts";
import { servicesConformance } from "./services.ts";
import { statesConformance } from "./states.ts";
import { subscribingConformance } from "./subscribing.ts";
import { surveysConformance } from "./surveys.ts";
import { userPresenceConformance } from "./user-presence.ts";
import type { BrokerBus, MakeBrokers } from "./support.ts";

export { conformanceRetention, type MakeBrokers } from "./support.ts";

/**
 * The contract of `Broker` as tests. An implementation is a broker when it passes them.
 * @param makeBrokers makes a bus whose brokers were created with `conformanceRetention`.
 */
export function brokerConformance(name: string, makeBrokers: MakeBrokers): void {
  describe(`${name} keeps the contract`, () => {
    let bus: BrokerBus | undefined;
    const getBus = (): BrokerBus => {
      if (bus === undefined) throw new Error("The bus exists while tests run, not before.");
      return bus;
    };
    beforeAll(async () => {
      bus = await makeBrokers();
    });
    afterAll(() => bus?.close());

    publishingConformance(getBus);
    refusingConformance(getBus);
    subscribingConformance(getBus);
    historyConformance(getBus);
    servicesConformance(getBus);
    surveysConformance(getBus);
    userPresenceConformance(getBus);
    demandConformance(getBus);
    statesConformance(getBus);
    modelConformance(getBus);
  });
}
