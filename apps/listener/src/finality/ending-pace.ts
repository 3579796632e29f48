import { setImmediate } from "node:timers/promises";
import { whenAborted } from "@commcoin/service/lifecycle";

/** Keeps thousands of endings, which become known in one go, from standing before what is announced meanwhile. */
export interface EndingPace {
  /** One was published; resolves when the next one may be, or the signal aborts. One at a time may wait. */
  published(signal: AbortSignal): Promise<void>;
  /** One of them was acknowledged. */
  acknowledged(): void;
}

/** Endings that the broker has not acknowledged: about two of the publisher's round trips. */
const UNDER_WAY = 100;
/** Endings in one turn of the event loop: well below a millisecond. */
const PORTION = 20;

export function createEndingPace(): EndingPace {
  let underWay = 0;
  let portion = 0;
  let wake = (): void => {};

  const acknowledgement = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      wake = () => {
        leave();
        resolve();
      };
      const leave = whenAborted(signal, () => wake());
    });

  return {
    async published(signal) {
      underWay += 1;
      portion += 1;
      if (portion >= PORTION) {
        portion = 0;
        await setImmediate();
      }
      if (underWay >= UNDER_WAY && !signal.aborted) await acknowledgement(signal);
    },
    acknowledged() {
      underWay -= 1;
      wake();
    },
  };
}
