import { silentLogger } from "@commcoin/service/telemetry";
import type { Broker } from "../broker.ts";
import { createRedisBroker, type RedisBrokerOptions } from "../redis/redis-broker.ts";

export type TestBrokerOptions = Omit<RedisBrokerOptions, "logger"> &
  Partial<Pick<RedisBrokerOptions, "logger">>;

/** Brokers of a test, which it closes together. They log nothing unless they are told to. */
export interface TestBrokers {
  create(options: TestBrokerOptions): Broker;
  /** Creates one and starts it. */
  connect(options: TestBrokerOptions): Promise<Broker>;
  closeAll(): Promise<void>;
}

export function createTestBrokers(): TestBrokers {
  let open: Broker[] = [];
  const create = (options: TestBrokerOptions): Broker => {
    const broker = createRedisBroker({ logger: silentLogger, ...options });
    open.push(broker);
    return broker;
  };
  return {
    create,
    async connect(options) {
      const broker = create(options);
      await broker.start();
      return broker;
    },
    async closeAll() {
      const closing = open;
      open = [];
      await Promise.all(closing.map((broker) => broker.close()));
    },
  };
}
