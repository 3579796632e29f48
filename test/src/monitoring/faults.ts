import type { Fault } from "./fault.ts";
import { nodeFaults } from "./faults-of-nodes.ts";
import { redisFaults } from "./faults-of-redis.ts";
import { serviceFaults } from "./faults-of-services.ts";

/**
 * A fault for every alert. Those after which much has to be caught up with come last, and those that leave little behind
 * first, so that one is over before the next begins.
 */
export const FAULTS: readonly Fault[] = [...serviceFaults, ...nodeFaults, ...redisFaults];
