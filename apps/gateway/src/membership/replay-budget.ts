import { TokenBucket, type Rate } from "@commcoin/service/lifecycle";
import type { Connection } from "../connections/connection.ts";

/** How much of the past a connection may ask for, in bytes. */
export const REPLAY_RATE: Rate = { perSecond: 1_048_576, burst: 4_194_304 };
/** Who was away for long gets all that was missed at once, and may ask again after this time at the latest. */
const MAX_DEBT_SECONDS = 10;

/** Whether a connection may ask for more of the past by now. */
export const mayAskForPast = ({ replayBudget }: Pick<Connection, "replayBudget">, now: number): boolean =>
  replayBudget === null || replayBudget.left(REPLAY_RATE, now) > 0;

/** Counts past frames that were sent to a connection. */
export function chargeReplay(connection: Pick<Connection, "replayBudget">, bytes: number, now: number): void {
  connection.replayBudget ??= new TokenBucket(REPLAY_RATE, now);
  const debt = -connection.replayBudget.left(REPLAY_RATE, now);
  if (debt < MAX_DEBT_SECONDS * REPLAY_RATE.perSecond)
    connection.replayBudget.overdraw(REPLAY_RATE, now, bytes);
}
