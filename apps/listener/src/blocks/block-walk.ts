import { whenAborted } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import type { CalmLog } from "../support/calm-log.ts";
import { errorText } from "../support/error-text.ts";
import type { BlockAnswer } from "./ask-block.ts";
import { createChainOrder } from "./chain-order.ts";
import type { ListBlocks } from "./list-blocks.ts";
import type { ReadBlock } from "./read-block.ts";
import { createSlotPace } from "./slot-pace.ts";
import { createWantedSlots, type WantedFor, type WantedSlot } from "./wanted-slots.ts";

export interface BlockWalkOptions {
  /** The first slot that matters. */
  readonly from: number;
  /** The last one; without it, the walk goes on for as long as slots are announced. */
  readonly to?: number;
  /** Asks for the block of a slot; `turn` counts how often it was asked for before. */
  readonly ask: (slot: number, turn: number, signal: AbortSignal) => Promise<BlockAnswer>;
  readonly list: ListBlocks;
  /** Gets each block after its parent, one at a time. Must not reject. */
  readonly onBlock: (block: ReadBlock, origin: WantedFor) => Promise<void>;
  /** No node gives this block, and nothing more can be done about it. */
  readonly onLost: (slot: number) => void;
  readonly log: Logger;
  readonly calmLog: CalmLog;
}

/** Walks along the chain, block by block, with no gap. */
export interface BlockWalk {
  /** A node has begun with this slot. */
  announce(slot: number): void;
  /** Runs until everything up to `to` was given, or the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Everything up to this slot was given. */
  readonly last: number;
}

/** Blocks under way or waiting for their turn: enough to hide the time of a request, and a bound of memory. */
const LOOK_AHEAD = 8;
/** Blocks that wait for their parents, where lists left out much and the chain is followed backwards. */
const MAX_HELD = 64;
/** Leaders have four slots in a row: when so many are not announced, they were skipped. More is a gap to be listed. */
const SHORT_GAP = 4;
/** Slots in one question; a node takes half a million at once. */
const MAX_LIST = 1_000;
/** Announcements that are remembered. */
const MAX_ANNOUNCED = 64;
const LIST_PAUSE_MS = 400;
/** So long, and so often, every node is asked for a block that another one names as its parent. */
const GIVE_UP_MS = 60_000;
const GIVE_UP_REFUSALS = 20;

export function createBlockWalk(options: BlockWalkOptions): BlockWalk {
  const { from, to = Infinity, ask, list, onBlock, onLost, log, calmLog } = options;
  const order = createChainOrder<ReadBlock>(from);
  const wanted = createWantedSlots();
  const pace = createSlotPace();
  const announced = new Map<number, number>();
  const origins = new Map<number, WantedFor>();
  /** The highest slot that was announced. */
  let head = from - 1;
  /** Up to here it is decided which slots are asked for. */
  let horizon = from - 1;
  let listing = false;
  let listDueAt = 0;
  let giving = false;
  let done = false;
  let timer: NodeJS.Timeout | undefined;
  let wake = (): void => {};

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
      if (!signal.aborted) calmLog.warn({ error: errorText(error) }, "cannot list blocks");
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

  /** Decides about slots that were announced. */
  const reach = (signal: AbortSignal, now: number): void => {
    if (hasGap()) {
      if (!listing && listDueAt <= now && wanted.size < LOOK_AHEAD) void listGap(signal).then(wake);
      return;
    }
    for (let slot = horizon + 1; slot <= head; slot += 1) {
      const at = announced.get(slot);
      if (at !== undefined) wanted.add(slot, "live", at + pace.delayMs, at);
    }
    horizon = head;
  };

  const answered = (target: WantedSlot, answer: BlockAnswer): void => {
    const now = performance.now();
    const { slot, announcedAt, origin } = target;
    target.underWay = false;
    if (answer.kind === "aborted") return;
    if (answer.kind === "block") {
      if (announcedAt !== null && target.refusedAt === null) pace.inTime();
      else if (announcedAt !== null && target.refusedAt !== null) {
        pace.early(target.refusedAt - announcedAt, now - announcedAt);
      }
      wanted.remove(slot);
      origins.set(slot, origin);
      order.add(answer.block);
      const dropped = order.held > MAX_HELD ? order.dropHighest() : null;
      if (dropped === null) return;
      origins.delete(dropped);
      wanted.add(dropped, "backfill", 0);
      return;
    }
    const owed = order.missing.includes(slot);
    if (owed) target.owedSince ??= now;
    target.refusals += 1;
    target.refusedAt = now;
    target.dueAt = now + pace.retryMs(target.refusals);
    const since = target.owedSince;
    const hopeless = since !== null && now - since > GIVE_UP_MS && target.refusals > GIVE_UP_REFUSALS;
    if (answer.kind === "gone" || hopeless) {
      wanted.remove(slot);
      if (!owed && origin !== "backfill") return;
      order.excuse(slot);
      onLost(slot);
    } else if (answer.kind === "skipped" && !owed) {
      // Where that is wrong, the next block names it as its parent.
      wanted.remove(slot);
    }
  };

  const start = (target: WantedSlot, signal: AbortSignal): void => {
    target.underWay = true;
    void ask(target.slot, target.refusals, signal).then((answer) => {
      answered(target, answer);
      wake();
    });
  };

  /** Gives what is in order. */
  const give = async (signal: AbortSignal): Promise<void> => {
    if (giving) return;
    giving = true;
    for (let block = order.next(); block !== null && !signal.aborted; block = order.next()) {
      const origin = origins.get(block.slot) ?? "backfill";
      origins.delete(block.slot);
      // The block behind the end proves that nothing is missing before it.
      done = block.slot > to;
      if (done) break;
      await onBlock(block, origin);
      done = order.last >= to;
      wanted.passed(order.last, new Set(order.missing));
      if (done) break;
      step(signal);
    }
    giving = false;
    if (done) wake();
  };

  /** Asks for whatever can be asked for now. */
  const step = (signal: AbortSignal): void => {
    const now = performance.now();
    reach(signal, now);
    const missing = new Set(order.missing);
    for (const slot of missing) wanted.add(slot, "backfill", 0);
    const proof = to === Infinity ? undefined : wanted.firstAfter(to);
    let free = LOOK_AHEAD - wanted.underWay - order.held - Number(giving);
    let soonest = listDueAt > now && hasGap() ? listDueAt : Infinity;
    for (const target of wanted.idle()) {
      if (target.slot > to && target.slot !== proof) break;
      if (target.dueAt > now) {
        soonest = Math.min(soonest, target.dueAt);
      } else if (free > 0 || missing.has(target.slot)) {
        free -= 1;
        start(target, signal);
      }
    }
    clearTimeout(timer);
    if (soonest !== Infinity) timer = setTimeout(wake, Math.max(1, Math.ceil(soonest - now)));
  };

  return {
    announce(slot) {
      if (slot <= head) return;
      head = slot;
      announced.set(slot, performance.now());
      const [oldest] = announced.keys();
      if (announced.size > MAX_ANNOUNCED && oldest !== undefined) announced.delete(oldest);
      wake();
    },
    async run(signal) {
      if (to < from) return;
      log.debug({ from_slot: from }, "walking along the chain");
      let leave = (): void => {};
      await new Promise<void>((resolve) => {
        wake = () => {
          if (signal.aborted || done) return resolve();
          step(signal);
          void give(signal);
        };
        leave = whenAborted(signal, () => wake());
        wake();
      });
      leave();
      clearTimeout(timer);
      wake = () => {};
    },
    get last() {
      return order.last;
    },
  };
}
