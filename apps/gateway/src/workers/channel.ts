/** What a worker and its supervisor say to each other. */
export type WorkerMessage =
  | { readonly kind: "question"; readonly id: number; readonly about: string }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  /** From a worker: it accepts clients. */
  | { readonly kind: "ready" }
  /** From a worker: why it ends. */
  | { readonly kind: "failed"; readonly reason: string };

/** One end of the pipe between two processes. */
export interface Pipe {
  /** What cannot be sent any more is lost. */
  send(message: WorkerMessage): void;
  onMessage(listener: (message: WorkerMessage) => void): void;
}

/** Asks the other end. */
export interface Questions {
  /** @throws when no answer came in time. */
  ask(about: string, timeoutMs: number): Promise<unknown>;
}

/** @param answer gives the answers to the questions of the other end; what it rejects is not answered. */
export function createQuestions(pipe: Pipe, answer: (about: string) => Promise<unknown>): Questions {
  const waiting = new Map<number, (value: unknown) => void>();
  let asked = 0;

  pipe.onMessage((message) => {
    if (message.kind === "answer") waiting.get(message.id)?.(message.value);
    if (message.kind !== "question") return;
    answer(message.about).then(
      (value) => pipe.send({ kind: "answer", id: message.id, value }),
      () => {},
    );
  });
  return {
    async ask(about, timeoutMs) {
      asked += 1;
      const id = asked;
      let timer: NodeJS.Timeout | undefined;
      try {
        return await new Promise<unknown>((resolve, reject) => {
          waiting.set(id, resolve);
          const late = (): void => reject(new Error(`No answer about ${about} came within ${timeoutMs} ms.`));
          timer = setTimeout(late, timeoutMs);
          pipe.send({ kind: "question", id, about });
        });
      } finally {
        clearTimeout(timer);
        waiting.delete(id);
      }
    },
  };
}
