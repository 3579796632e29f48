export interface Timers<Name extends string> {
  /** Replaces a timer of the same name. */
  start(name: Name, ms: number): void;
  cancel(name: Name): void;
  cancelAll(): void;
}

export function createTimers<Name extends string>(fire: (name: Name) => void): Timers<Name> {
  const running = new Map<Name, ReturnType<typeof setTimeout>>();
  const cancel = (name: Name): void => {
    clearTimeout(running.get(name));
    running.delete(name);
  };
  return {
    start(name, ms) {
      cancel(name);
      running.set(
        name,
        setTimeout(() => {
          running.delete(name);
          fire(name);
        }, ms),
      );
    },
    cancel,
    cancelAll() {
      for (const name of running.keys()) cancel(name);
    },
  };
}
