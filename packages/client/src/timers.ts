export interface Timers<Name extends string> {
  /** Replaces a timer of the same name; without a time, there is none. */
  set(name: Name, ms?: number): void;
  cancelAll(): void;
}

export function createTimers<Name extends string>(fire: (name: Name) => void): Timers<Name> {
  const running = new Map<Name, ReturnType<typeof setTimeout>>();
  const set = (name: Name, ms?: number): void => {
    clearTimeout(running.get(name));
    running.delete(name);
    if (ms === undefined) return;
    const timer = setTimeout(() => {
      running.delete(name);
      fire(name);
    }, ms);
    running.set(name, timer);
  };
  return {
    set,
    cancelAll() {
      for (const name of running.keys()) set(name);
    },
  };
}
