/** Nodes that did not answer in time: for a while, others are asked before them. */
export interface Resting {
  has(node: number): boolean;
  timedOut(node: number): void;
}

/** Long enough that a node that hangs costs next to nothing, and short enough to have it back soon. */
const REST_MS = 30_000;

export function createResting(now: () => number = () => performance.now()): Resting {
  const until = new Map<number, number>();
  return {
    has: (node) => (until.get(node) ?? -Infinity) > now(),
    timedOut: (node) => void until.set(node, now() + REST_MS),
  };
}
