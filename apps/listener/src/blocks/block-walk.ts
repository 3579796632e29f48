import { whenAborted } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import { createChainOrder } from "./chain-order.ts";
import type { ReadBlock } from "./read-block.ts";
import { createSlotHorizon, type SlotHorizonOptions } from "./slot-horizon.ts";
import { createSlotPace } from "./slot-pace.ts";
import { createTakeAnswer, type TakeAnswerOptions } from "./take-answer.ts";
import { createWantedSlots, type WantedFor, type WantedSlot } from "./wanted-slots.ts";

export interface BlockWalkOptions
  extends
    Pick<SlotHorizonOptions, "from" | "ask" | "list" | "throttledLog">,
    Pick<TakeAnswerOptions, "onLost"> {
  /** The last slot; without it, the walk goes on for as long as slots are announced. */
  readonly to?: number;
  /** Gets each block after its parent, one at a time. Must not reject. */
  readonly onBlock: (block: ReadBlock, origin: WantedFor) => Promise<void>;
  readonly log: Logger;
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

export function createBlockWalk(options: BlockWalkOptions): BlockWalk {
  const { from, to = Infinity, ask, onBlock, log } = options;
  const order = createChainOrder<ReadBlock>(from);
  const wanted = createWantedSlots();
  const pace = createSlotPace();
  const origins = new Map<number, WantedFor>();
  const horizon = createSlotHorizon({ ...options, wanted, pace });
  const takeAnswer = createTakeAnswer({ ...options, order, wanted, pace, origins });
  let giving = false;
  let done = false;
  let timer: NodeJS.Timeout | undefined;
  let wake = (): void => {};

  const start = (target: WantedSlot, signal: AbortSignal): void => {
    target.underWay = true;
    void ask(target.slot, target.refusals, signal).then((answer) => {
      takeAnswer(target, answer);
      wake();
    });
  };

  /** Asks for whatever can be asked for now. */
  const step = (signal: AbortSignal): void => {
    const now = performance.now();
    void horizon.reach(signal, now)?.then(wake);
    const missing = new Set(order.missing);
    for (const slot of missing) wanted.add(slot, "backfill", 0);
    const proof = to === Infinity ? undefined : wanted.firstAfter(to);
    let free = LOOK_AHEAD - wanted.underWay - order.held - Number(giving);
    let soonest = horizon.nextListAt(now);
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

  return {
    announce(slot) {
      if (horizon.announce(slot)) wake();
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
