import {
  BrokerUnavailableError,
  type Broker,
  type Delivery,
  type History,
  type HistoryQuery,
} from "@commcoin/broker";

interface Stored {
  epoch: string;
  top: number;
  frames: Delivery[];
}

/** A broker in which nothing happens until the test says so, and in which live frames may get lost. */
export interface ControlledBroker {
  readonly broker: Broker;
  /** Number of history reads so far. */
  readonly reads: number;
  /** Stores a message, and delivers it to whoever is subscribed unless `lost`. */
  publish(topic: string, options?: { readonly lost?: boolean }): void;
  /** Starts a new epoch without a history, as a broker does that lost its data. */
  forget(topic: string): void;
  /** Takes the newest `count` messages away, as a failover does; they may be published again. */
  rewind(topic: string, count: number): void;
  /** Drops the oldest messages but `keep`. */
  trim(topic: string, keep: number): void;
  /** Lets the oldest request that waits finish; false when there is none. */
  answerOne(options?: { readonly fail?: boolean }): boolean;
  position(topic: string): { readonly epoch: string; readonly offset: number };
}

export function createControlledBroker(): ControlledBroker {
  const topics = new Map<string, Stored>();
  const subscribers = new Map<string, Set<(delivery: Delivery) => void>>();
  const waiting: ((fail: boolean) => void)[] = [];
  let epochs = 0;
  let reads = 0;

  const open = (topic: string): Stored => {
    const stored = topics.get(topic) ?? { epoch: `e${(epochs += 1)}`, top: 0, frames: [] };
    topics.set(topic, stored);
    return stored;
  };
  const position = (topic: string) => {
    const { epoch, top } = open(topic);
    return { epoch, offset: top };
  };
  const later = <Value>(work: () => Value): Promise<Value> =>
    new Promise((resolve, reject) => {
      waiting.push((fail) => (fail ? reject(new BrokerUnavailableError("away")) : resolve(work())));
    });
  const read = (topic: string, { since, last, limit, until, maxBytes }: HistoryQuery): History => {
    const { epoch, top, frames } = open(topic);
    const at = { epoch, offset: top };
    const nothing = { position: at, deliveries: [], more: false };
    const oldest = frames[0]?.offset ?? top + 1;
    if (since !== undefined) {
      if (since.epoch !== epoch || since.offset > top) return { ...nothing, unrecovered: "epoch_changed" };
      if (since.offset + 1 < oldest) return { ...nothing, unrecovered: "trimmed" };
    }
    const end = until ?? top;
    let wanted = frames.filter(({ offset }) => offset > (since?.offset ?? 0) && offset <= end);
    if (last !== undefined) wanted = wanted.slice(-last);
    const deliveries = wanted.slice(0, limit ?? wanted.length);
    const bytes = (): number => deliveries.reduce((sum, { frame }) => sum + frame.byteLength, 0);
    const room = maxBytes ?? bytes();
    while (deliveries.length > 1 && bytes() > room) {
      if (last === undefined) deliveries.pop();
      else deliveries.shift();
    }
    const given = deliveries.at(-1)?.offset ?? since?.offset ?? end;
    return { position: at, deliveries, unrecovered: null, more: given < top };
  };
  const unused = (): never => {
    throw new Error("not part of this test");
  };

  const broker = {
    subscribe: (topic: string, deliver: (delivery: Delivery) => void) => {
      const own = subscribers.get(topic) ?? new Set();
      subscribers.set(topic, own);
      return later(() => {
        own.add(deliver);
        return { position: position(topic), unsubscribe: () => void own.delete(deliver) };
      });
    },
    history: (topic: string, query: HistoryQuery = {}) => {
      reads += 1;
      return later(() => read(topic, query));
    },
    positions: (names: readonly string[]) => later(() => names.map(position)),
    problem: () => null,
    watch: () => () => {},
    publish: unused,
  };
  return {
    broker: broker as unknown as Broker,
    get reads() {
      return reads;
    },
    publish(topic, { lost = false } = {}) {
      const stored = open(topic);
      stored.top += 1;
      const { epoch, top: offset } = stored;
      const frame = Buffer.from(JSON.stringify({ type: "UserActivity", topic, offset, data: { epoch } }));
      const delivery = { epoch, offset, frame };
      stored.frames.push(delivery);
      if (!lost) for (const deliver of subscribers.get(topic) ?? []) deliver(delivery);
    },
    forget(topic) {
      topics.set(topic, { epoch: `e${(epochs += 1)}`, top: 0, frames: [] });
    },
    rewind(topic, count) {
      const stored = open(topic);
      stored.top -= count;
      stored.frames = stored.frames.filter(({ offset }) => offset <= stored.top);
    },
    trim(topic, keep) {
      const stored = open(topic);
      stored.frames = stored.frames.slice(Math.max(0, stored.frames.length - keep));
    },
    answerOne({ fail = false } = {}) {
      const answer = waiting.shift();
      answer?.(fail);
      return answer !== undefined;
    },
    position,
  };
}
