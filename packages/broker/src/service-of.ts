import type { Service } from "@commcoin/service/lifecycle";
import type { Broker } from "./broker.ts";

/** A broker as the part of a composition that starts first and is closed last. */
export const serviceOf = (broker: Broker): Service => ({
  start: () => broker.start(),
  stop: () => broker.close(),
});
