/** Nodes that did not answer in time: for a while, others are asked before them. */
export interface SlowNodes {
  has(node: number): boolean;
  timedOut(node: number): void;
  /** The one that did not answer longest ago first. */
  inOrder(nodes: readonly number[]): readonly number[];
}

/** Long enough that a node that hangs costs next to nothing, and short enough to have it back soon. */
const REST_MS = 30_000;

export function createSlowNodes(now: () => number = () => performance.now()): SlowNodes {
  const until = new Map<number, number>();
  return {
    has: (node) => (until.get(node) ?? -Infinity) > now(),
    inOrder: (nodes) => [...nodes].sort((one, other) => (until.get(one) ?? 0) - (until.get(other) ?? 0)),
    timedOut: (node) => void until.set(node, now() + REST_MS),
  };
}
