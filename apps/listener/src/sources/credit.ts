/**
 * Whether what a node announces turns out to be there. A node that announces what no node knows is doubted: little of what
 * it alone announces is asked for then, and nothing waits for it. What is real of the rest, other nodes and audits bring.
 */
export interface Credit {
  /** A transaction that the node announced is there. */
  found(endpoint: string): void;
  /** No node knows what it alone announced. */
  unknown(endpoint: string): void;
  isDoubted(endpoint: string): boolean;
}

export interface CreditOptions {
  /** Called when a node begins to be doubted, and when it is believed again. */
  readonly onChange: (endpoint: string, isDoubted: boolean) => void;
  readonly now?: () => number;
}

/** So many more unknown ones than known ones are no accident: nodes show a transaction late, and forks take some away. */
const DOUBTED_FROM = 64;
const BELIEVED_BELOW = 16;
const MAX_SCORE = 80;
/** One that is there counts as much as so many unknown ones: a flood that ended is soon forgiven. */
const FOUND_WEIGHT = 4;
/** So many a second are forgiven whatever happens, as long as a node is not doubted. */
const FORGIVEN_PER_SECOND = 1;
/** A doubted node of which nothing turned out to be unknown for so long is believed again: of a flood, some always does. */
const QUIET_MS = 5_000;

export function createCredit({ onChange, now = () => performance.now() }: CreditOptions): Credit {
  const nodes = new Map<string, { score: number; at: number; unknownAt: number; isDoubted: boolean }>();
  const change = (endpoint: string, by: number): void => {
    const node = nodes.get(endpoint) ?? { score: 0, at: now(), unknownAt: -Infinity, isDoubted: false };
    nodes.set(endpoint, node);
    if (by > 0) node.unknownAt = now();
    const forgiven = node.isDoubted ? 0 : ((now() - node.at) / 1_000) * FORGIVEN_PER_SECOND;
    node.score = Math.min(MAX_SCORE, Math.max(0, node.score - forgiven) + by);
    node.score = Math.max(0, node.score);
    node.at = now();
    const isDoubted = node.score >= (node.isDoubted ? BELIEVED_BELOW : DOUBTED_FROM);
    if (isDoubted === node.isDoubted) return;
    node.isDoubted = isDoubted;
    onChange(endpoint, isDoubted);
  };
  return {
    found: (endpoint) => change(endpoint, -FOUND_WEIGHT),
    unknown: (endpoint) => change(endpoint, 1),
    isDoubted(endpoint) {
      const node = nodes.get(endpoint);
      if (node?.isDoubted !== true) return false;
      if (now() - node.unknownAt > QUIET_MS) change(endpoint, -MAX_SCORE);
      return node.isDoubted;
    },
  };
}
