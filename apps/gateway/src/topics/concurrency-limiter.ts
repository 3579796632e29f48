// Named import: fake timers of a test replace the global function, and this one must still run.
import { setImmediate } from "node:timers";

/** Thrown when as much waits as may. */
export class BusyError extends Error {
  constructor() {
    super("As much is under way, and waits, as may be.");
    this.name = "BusyError";
  }
}

/**
 * Runs a few pieces of work at a time; others wait for their turn, urgent ones before the rest. A place is free again in the
 * next iteration of the event loop, so that work that is done at once cannot keep the process from anything else.
 */
export class ConcurrencyLimiter {
  readonly #atOnce: number;
  readonly #maxWaiting: number;
  readonly #urgent = new Set<() => void>();
  readonly #waiting = new Set<() => void>();
  #running = 0;

  /** @param maxWaiting holds for work that is not urgent. */
  constructor(atOnce: number, maxWaiting = Number.POSITIVE_INFINITY) {
    this.#atOnce = atOnce;
    this.#maxWaiting = maxWaiting;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#urgent.size + this.#waiting.size;
  }

  /** @throws {BusyError} when too much waits already. */
  async run<Result>(work: () => Promise<Result>, { urgent = false } = {}): Promise<Result> {
    if (this.#running >= this.#atOnce) {
      if (!urgent && this.#waiting.size >= this.#maxWaiting) throw new BusyError();
      const lane = urgent ? this.#urgent : this.#waiting;
      // Whoever gives its place up passes it on: the number of those that run stays the same.
      await new Promise<void>((resolve) => lane.add(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      setImmediate(() => this.#passOn());
    }
  }

  #passOn(): void {
    for (const lane of [this.#urgent, this.#waiting]) {
      for (const start of lane) {
        lane.delete(start);
        start();
        return;
      }
    }
    this.#running -= 1;
  }
}
