import { whenAborted } from "@commcoin/service/lifecycle";

/** First in, first out, between parts that work at different speeds. */
export interface WaitingLine<Item> {
  /** Takes an item, always: whoever brings items is expected to stop when the line is full. */
  push(item: Item): void;
  /** The next item, waiting for one if need be; null when the line was closed and is empty. */
  take(): Promise<Item | null>;
  /** Resolves when the line is at most half full, was closed, or when the signal aborts. */
  untilCapacity(signal?: AbortSignal): Promise<void>;
  /** Takes out every item that is not to be kept. */
  retain(isKept: (item: Item) => boolean): void;
  /** Nothing comes any more; what is in the line can still be taken. */
  close(): void;
  readonly size: number;
}

export interface WaitingLineOptions {
  readonly capacity: number;
  /** Called with true when the line becomes full, and with false when it is half empty again. */
  readonly onFull?: (full: boolean) => void;
}

export function createWaitingLine<Item>({ capacity, onFull }: WaitingLineOptions): WaitingLine<Item> {
  let items: (Item | undefined)[] = [];
  let head = 0;
  let full = false;
  let closed = false;
  let taker: ((item: Item | null) => void) | null = null;
  const askers = new Set<() => void>();

  const size = (): number => items.length - head;

  /** Tells those who wait for it that the line is half empty. */
  const tellRoom = (): void => {
    if (size() * 2 > capacity) return;
    if (full) {
      full = false;
      onFull?.(false);
    }
    for (const resolve of askers) resolve();
  };

  const shift = (): Item | null => {
    const item = items[head] as Item;
    items[head] = undefined;
    head += 1;
    if (head > 1_024 && head * 2 > items.length) {
      items = items.slice(head);
      head = 0;
    }
    tellRoom();
    return item;
  };

  return {
    push(item) {
      if (taker !== null) {
        const give = taker;
        taker = null;
        give(item);
        return;
      }
      items.push(item);
      if (!full && size() >= capacity) {
        full = true;
        onFull?.(true);
      }
    },
    take() {
      if (size() > 0) return Promise.resolve(shift());
      if (closed) return Promise.resolve(null);
      return new Promise((resolve) => {
        taker = resolve;
      });
    },
    untilCapacity(signal) {
      if (closed || size() * 2 <= capacity || signal?.aborted === true) return Promise.resolve();
      return new Promise((resolve) => {
        const settle = (): void => {
          askers.delete(settle);
          leave();
          resolve();
        };
        askers.add(settle);
        const leave = whenAborted(signal, settle);
      });
    },
    retain(isKept) {
      items = items.slice(head).filter((item) => isKept(item as Item));
      head = 0;
      tellRoom();
    },
    close() {
      closed = true;
      taker?.(null);
      taker = null;
      for (const resolve of askers) resolve();
    },
    get size() {
      return size();
    },
  };
}
