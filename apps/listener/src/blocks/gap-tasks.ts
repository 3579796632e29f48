import type { Gap } from "../model/gap.ts";

/**
 * Which gaps are open. They are filled in passes along the chain, each for all gaps at once; what joins a pass that is
 * past its beginning has that beginning in the next pass, and is in it as a whole when an audit found it.
 */
export interface GapTasks {
  add(gap: Gap): void;
  /** Begins a pass. @returns the slots that it has to go over; null when nothing is open. */
  beginPass(): { readonly from: number; readonly to: number } | null;
  /** The addresses that the block of a slot is to be read for. */
  addressesOf(slot: number): readonly string[];
  /** Gaps that an address has in the pass. */
  gapsOf(address: string): readonly Gap[];
  /** Everything up to this slot was read. @returns what is filled now, as far as it is. */
  passed(slot: number): readonly Gap[];
  /** Gaps of other addresses do not matter any more. */
  keep(addresses: ReadonlySet<string>): void;
  /** Whether anything of an address that an audit found is open. */
  isAudited(address: string): boolean;
  readonly size: number;
}

export function createGapTasks(): GapTasks {
  let waiting: Gap[] = [];
  /** What is left of the gaps of this pass. */
  let passing: Gap[] = [];
  /** The highest slot that was asked for in this pass. */
  let position = -1;
  let end = -1;

  return {
    add(gap) {
      if (gap.from > gap.to) return;
      // What an audit found is proven from its beginning on, so nothing of it is read before that.
      if (gap.origin === "audit" && gap.from <= position) {
        waiting.push(gap);
        return;
      }
      const from = Math.max(gap.from, position + 1);
      const to = Math.min(gap.to, end);
      if (from > to) {
        waiting.push(gap);
        return;
      }
      passing.push({ ...gap, from, to });
      if (gap.from < from) waiting.push({ ...gap, to: from - 1 });
      if (gap.to > to) waiting.push({ ...gap, from: to + 1 });
    },
    beginPass() {
      passing = [...passing, ...waiting];
      waiting = [];
      if (passing.length === 0) {
        position = -1;
        end = -1;
        return null;
      }
      const from = Math.min(...passing.map((gap) => gap.from));
      position = from - 1;
      end = Math.max(...passing.map((gap) => gap.to));
      return { from, to: end };
    },
    addressesOf(slot) {
      position = Math.max(position, slot);
      const wanted = passing.filter(({ from, to }) => slot >= from && slot <= to);
      return [...new Set(wanted.map(({ address }) => address))];
    },
    gapsOf: (address) => passing.filter((gap) => gap.address === address),
    passed(slot) {
      const reached = passing.filter(({ from }) => from <= slot);
      passing = passing.flatMap((gap) => {
        if (gap.from > slot) return [gap];
        return gap.to > slot ? [{ ...gap, from: slot + 1 }] : [];
      });
      return reached.map((gap) => ({ ...gap, to: Math.min(gap.to, slot) }));
    },
    keep(addresses) {
      waiting = waiting.filter(({ address }) => addresses.has(address));
      passing = passing.filter(({ address }) => addresses.has(address));
    },
    isAudited: (address) =>
      [...waiting, ...passing].some((gap) => gap.address === address && gap.origin === "audit"),
    get size() {
      return waiting.length + passing.length;
    },
  };
}
