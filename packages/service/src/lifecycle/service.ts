/** Something that runs until it is stopped. */
export interface Service {
  /** Resolves when it does its work; rejects when it cannot, with nothing left running. */
  start(): Promise<void>;
  /** Drains and releases everything. Never rejects; may be called more than once. */
  stop(): Promise<void>;
}

/** Starts services in order and stops them in reverse. When one cannot start, those before it are stopped. */
export function composeServices(services: readonly Service[]): Service {
  let started: Service[] = [];
  const stop = async (): Promise<void> => {
    const running = started.toReversed();
    started = [];
    for (const service of running) await service.stop();
  };
  return {
    async start() {
      for (const service of services) {
        try {
          await service.start();
        } catch (error) {
          await stop();
          throw error;
        }
        started.push(service);
      }
    },
    stop,
  };
}
