import { whenAborted } from "@commcoin/service/lifecycle";

/** Which chain is followed. */
export interface FollowedChain {
  /** null while it is not known. */
  readonly name: string | null;
  /** Waits until it is known; null when the signal aborts, or it ends, first. */
  known(signal: AbortSignal): Promise<string | null>;
  /** It is known for the first time. */
  begin(name: string): void;
  /** Another one is followed from now on. */
  change(name: string): void;
  /** Whoever waits for it waits no more. */
  end(): void;
}

export function createFollowedChain(): FollowedChain {
  let name: string | null = null;
  let tell = (_name: string | null): void => {};
  const first = new Promise<string | null>((resolve) => {
    tell = resolve;
  });
  return {
    get name() {
      return name;
    },
    known: (signal) =>
      new Promise((resolve) => {
        if (name !== null) return resolve(name);
        const leave = whenAborted(signal, () => resolve(null));
        void first.then(resolve).finally(leave);
      }),
    begin(next) {
      name = next;
      tell(next);
    },
    change(next) {
      name = next;
    },
    end: () => tell(null),
  };
}
