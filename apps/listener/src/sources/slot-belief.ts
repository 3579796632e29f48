/** Tells slots that a node may have reached from those that it only claims. */
export interface SlotBelief {
  /** Whether what a node announces is taken for a slot that exists. */
  believes(endpoint: string, slot: number): boolean;
}

/** So far ahead of what was heard a node may be at once: it was held up, and sends what it owes. */
const AHEAD_SLOTS = 512;
/** Many times faster than any network makes slots; for as long as nothing was heard of a node, it may have gone on. */
const SLOTS_PER_MS = 0.2;
/** A node that announced a slot within this time says where the chain is. */
const FRESH_MS = 10_000;
/** A node that jumped is believed once it has gone on from there like a chain, for so long and so many slots. */
const INSISTS_MS = 10_000;
const INSISTS_SLOTS = 8;
/** No chain is older than Solana's first, or has made slots twice as fast all the time. */
const FIRST_SLOT_AT_MS = Date.UTC(2020, 2, 16);
const SHORTEST_SLOT_MS = 200;

/** How far a node has come, and how far it may be ahead of that now. */
class Reach {
  private spare = AHEAD_SLOTS;
  constructor(
    public slot: number,
    public at: number,
  ) {}

  /** @returns false when the node cannot have come so far. */
  advance(slot: number, at: number): boolean {
    const earned = (at - this.at) * SLOTS_PER_MS;
    const spare = Math.max(earned, Math.min(AHEAD_SLOTS, this.spare + earned));
    const ahead = Math.max(0, slot - this.slot);
    if (ahead > spare) return false;
    this.slot += ahead;
    this.at = at;
    this.spare = spare - ahead;
    return true;
  }
}

interface Claim {
  readonly since: number;
  readonly from: number;
  readonly reach: Reach;
}

/** What is behind is always believed: it moves no head, and a node may have been restored. */
export function createSlotBelief(
  now: () => number = () => performance.now(),
  date: () => number = () => Date.now(),
): SlotBelief {
  const believed = new Map<string, Reach>();
  const claims = new Map<string, Claim>();

  /** Whether a node has gone on for long enough from where it jumped to. */
  const insists = (endpoint: string, slot: number, at: number): boolean => {
    const claim = claims.get(endpoint);
    if (claim === undefined || slot < claim.reach.slot || !claim.reach.advance(slot, at)) {
      claims.set(endpoint, { since: at, from: slot, reach: new Reach(slot, at) });
      return false;
    }
    return at - claim.since >= INSISTS_MS && slot - claim.from >= INSISTS_SLOTS;
  };
  return {
    believes(endpoint, slot) {
      if (slot > (date() - FIRST_SLOT_AT_MS) / SHORTEST_SLOT_MS) return false;
      const at = now();
      const reach = believed.get(endpoint);
      if (reach?.advance(slot, at) === true) {
        claims.delete(endpoint);
        return true;
      }
      const others = [...believed].filter(([other, each]) => other !== endpoint && at - each.at < FRESH_MS);
      const isNear = others.some(([, other]) => slot <= other.slot + AHEAD_SLOTS);
      const isFirst = reach === undefined && others.length === 0;
      if (!isNear && !isFirst && !insists(endpoint, slot, at)) return false;
      claims.delete(endpoint);
      believed.set(endpoint, new Reach(slot, at));
      return true;
    },
  };
}
