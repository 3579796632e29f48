import type { AlertRule } from "./rules.ts";
import type { Stage } from "./stage.ts";

/** Something that goes wrong, and what has to be told of it. */
export interface Fault {
  readonly name: string;
  /** All of these have to fire. */
  readonly alerts: readonly AlertRule["alert"][];
  /** Makes it go wrong; resolves with what ends it. What goes wrong once, and not for as long as it is wanted, ends by itself. */
  plant(stage: Stage): Promise<() => unknown>;
}
