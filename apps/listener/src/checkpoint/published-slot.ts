import type { Broker } from "@commcoin/broker";
import type { Position } from "@commcoin/protocol";
import { isInOrder, readBack } from "../finality/read-back.ts";

/** The newest slot of which anything was published lately, but for ends; -1 when nothing was. */
export async function readPublishedSlot(
  broker: Pick<Broker, "history">,
  beginning: Position | null = null,
): Promise<number> {
  let newest = -1;
  for await (const { updates } of readBack(broker, beginning)) {
    for (const { status, slot } of updates) if (status !== "finalized") newest = Math.max(newest, slot);
    if (updates.some(isInOrder)) break;
  }
  return newest;
}
