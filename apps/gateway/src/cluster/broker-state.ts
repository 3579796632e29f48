import type { Broker } from "@commcoin/broker";

/** Whether the broker can be reached, as clients know it. */
export interface BrokerState {
  readonly isAway: boolean;
  /**
   * @param onChange called with what is wrong when the broker is lost, and with null when it is back; not when what exactly is
   * wrong changes, which it does many times while connections are tried.
   * @returns ends the calls.
   */
  watch(onChange: (problem: string | null) => void): () => void;
}

export function createBrokerState(broker: Pick<Broker, "watch" | "problem">): BrokerState {
  let isAway = false;
  return {
    get isAway() {
      return isAway;
    },
    watch(onChange) {
      isAway = broker.problem() !== null;
      return broker.watch((problem) => {
        const wasAway = isAway;
        isAway = problem !== null;
        if (!isAway || !wasAway) onChange(problem);
      });
    },
  };
}
