/** Messages that wait for a loop. */
export interface MessageQueue<Message> {
  readonly loop: AsyncGenerator<Message, void, void>;
  /** @returns false when `limit` messages wait already. */
  push(message: Message): boolean;
  /** The loop ends at once, or throws the error; `keepsWaiting`: after what waits. */
  end(error?: unknown, keepsWaiting?: boolean): void;
}

/** @param onLeave the loop has ended, or was left. */
export function createMessageQueue<Message>(limit: number, onLeave: () => void): MessageQueue<Message> {
  const waiting: Message[] = [];
  let ending: { readonly error: unknown } | null = null;
  let wake = (): void => undefined;

  async function* loop(): AsyncGenerator<Message, void, void> {
    try {
      for (;;) {
        const message = waiting.shift();
        if (message) {
          yield message;
        } else if (!ending) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        } else if (ending.error === undefined) {
          return;
        } else {
          throw ending.error;
        }
      }
    } finally {
      onLeave();
    }
  }

  return {
    loop: loop(),
    push(message) {
      if (waiting.length >= limit) return false;
      waiting.push(message);
      wake();
      return true;
    },
    end(error, keepsWaiting = false) {
      ending ??= { error };
      if (!keepsWaiting) waiting.length = 0;
      wake();
    },
  };
}
