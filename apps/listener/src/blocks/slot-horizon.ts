import { errorText } from "../support/error-text.ts";
import type { ThrottledLog } from "../support/throttled-log.ts";
import type { BlockAnswer } from "./ask-block.ts";
import type { ListBlocks } from "./list-blocks.ts";
import type { SlotPace } from "./slot-pace.ts";
import type { WantedSlots } from "./wanted-slots.ts";

export interface SlotHorizonOptions {
  /** The first slot that matters. */
  readonly from: number;
  /** Asks for the block of a slot; `turn` counts how often it was asked for before. */
  readonly ask: (slot: number, turn: number, signal: AbortSignal) => Promise<BlockAnswer>;
  readonly list: ListBlocks;
  /** Gets the slots that are to be asked for. */
  readonly wanted: WantedSlots;
  readonly pace: Pick<SlotPace, "delayMs">;
  readonly throttledLog: ThrottledLog;
}

/** Decides which slots are asked for: those that were announced, and where few were, those that nodes list. */
export interface SlotHorizon {
  /** A node has begun with this slot. @returns whether that is news. */
  announce(slot: number): boolean;
  /**
   * Decides about the slots that were announced.
   * @returns a list that nodes were asked for now, resolved when it is there; null when none was asked for.
   */
  reach(signal: AbortSignal, now: number): Promise<void> | null;
  /** When nodes can be asked for the next list; Infinity where they can be now, or none is needed. */
  nextListAt(now: number): number;
}

/** Leaders have four slots in a row: when so many are not announced, they were skipped. More is a gap to be listed. */
const SHORT_GAP = 4;
/** Slots in one question; a node takes half a million at once. */
const MAX_LIST = 1_000;
/** Announcements that are remembered. */
const MAX_ANNOUNCED = 64;
/** With so many slots to be asked for, no more are listed. */
const ENOUGH = 8;
const LIST_PAUSE_MS = 400;

export function createSlotHorizon({
  from,
  ask,
  list,
  wanted,
  pace,
  throttledLog,
}: SlotHorizonOptions): SlotHorizon {
  const announced = new Map<number, number>();
  /** The highest slot that was announced. */
  let head = from - 1;
  /** Up to here it is decided which slots are asked for. */
  let horizon = from - 1;
  let listing = false;
  let listDueAt = 0;

  /** Slots without any block are passed where a block behind them is there; else the head is none that a node has reached. */
  const passEmpty = async (last: number, signal: AbortSignal): Promise<void> => {
    const claimed = head;
    const newest = await list(Math.max(last + 1, claimed - MAX_LIST + 1), claimed, signal);
    const behind = newest.find((slot) => slot > last && slot <= claimed);
    if (behind !== undefined && (await ask(behind, 0, signal)).kind === "block") {
      horizon = Math.max(horizon, last);
    } else if (head === claimed) {
      for (const slot of announced.keys()) if (slot > last) announced.delete(slot);
      head = Math.max(horizon, ...announced.keys());
    }
  };

  const listGap = async (signal: AbortSignal): Promise<void> => {
    listing = true;
    const [first, last] = [horizon + 1, Math.min(head, horizon + MAX_LIST)];
    try {
      const slots = await list(first, last, signal);
      for (const slot of slots) if (slot >= first && slot <= last) wanted.add(slot, "backfill", 0);
      horizon = Math.max(horizon, ...slots.filter((slot) => slot <= last));
      if (slots.length === 0 && last < head) await passEmpty(last, signal);
    } catch (error) {
      if (!signal.aborted) throttledLog.warn({ error: errorText(error) }, "cannot list blocks");
    }
    listing = false;
    listDueAt = performance.now() + LIST_PAUSE_MS;
  };

  /** Whether more is unknown between the horizon and the head than what leaders skip. */
  const hasGap = (): boolean => {
    let heard = 0;
    for (const slot of announced.keys()) if (slot > horizon) heard += 1;
    return head - horizon - heard > SHORT_GAP;
  };

  return {
    announce(slot) {
      if (slot <= head) return false;
      head = slot;
      announced.set(slot, performance.now());
      const [oldest] = announced.keys();
      if (announced.size > MAX_ANNOUNCED && oldest !== undefined) announced.delete(oldest);
      return true;
    },
    reach(signal, now) {
      if (hasGap()) return !listing && listDueAt <= now && wanted.size < ENOUGH ? listGap(signal) : null;
      for (let slot = horizon + 1; slot <= head; slot += 1) {
        const at = announced.get(slot);
        if (at !== undefined) wanted.add(slot, "live", at + pace.delayMs, at);
      }
      horizon = head;
      return null;
    },
    nextListAt: (now) => (listDueAt > now && hasGap() ? listDueAt : Infinity),
  };
}
