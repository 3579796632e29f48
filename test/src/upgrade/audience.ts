import { createClient, type Client } from "@commcoin/client";
import { until } from "@commcoin/broker/testing";
import { WebSocket } from "ws";
import type { Recorded } from "../listener-faults/recording.ts";

type Topics = ReadonlyMap<string, readonly Recorded[]>;

const PATIENCE_MS = 30_000;

/** Clients at several gateways, and all that they received. */
export interface Audience {
  /** Resolves once everybody has the newest message of each topic. */
  reaches(published: Topics): Promise<void>;
  /** What clients got, against what was published since they came. */
  compare(published: Topics): {
    readonly received: number;
    readonly lost: number;
    readonly doubled: number;
    readonly renumbered: number;
  };
  close(): void;
}

interface Received {
  readonly first: number;
  readonly ids: Map<number, string[]>;
}

/** @param urls where clients connect, one for each. */
export async function startAudience(
  urls: readonly string[],
  topics: readonly string[],
  Socket: NonNullable<Parameters<typeof createClient>[0]["WebSocket"]> = WebSocket,
): Promise<Audience> {
  const clients: Client[] = [];
  const ledgers: ReadonlyMap<string, Received>[] = [];
  const open = async (url: string): Promise<void> => {
    const client = createClient({ url, WebSocket: Socket });
    clients.push(client);
    const ledger = new Map<string, Received>();
    ledgers.push(ledger);
    const subscriptions = topics.map((topic) => {
      const ids = new Map<number, string[]>();
      const { ready } = client.subscribe(topic, ({ offset, id }) =>
        ids.set(offset, [...(ids.get(offset) ?? []), id]),
      );
      return ready.then(({ offset }) => ledger.set(topic, { first: offset + 1, ids }));
    });
    client.connect();
    await Promise.all(subscriptions);
  };
  await Promise.all(urls.map(open));
  const each = function* (published: Topics) {
    for (const ledger of ledgers) {
      for (const [topic, { first, ids }] of ledger) {
        const expected = (published.get(topic) ?? []).filter(({ offset }) => offset >= first);
        yield { expected, ids };
      }
    }
  };
  return {
    reaches: (published) =>
      until(
        () =>
          Promise.resolve(
            [...each(published)].every(({ expected, ids }) => {
              const last = expected.at(-1);
              return last === undefined || ids.has(last.offset);
            }),
          ),
        { withinMs: PATIENCE_MS, otherwise: "Not every client got the newest message of each topic." },
      ),
    compare(published) {
      const counts = { received: 0, lost: 0, doubled: 0, renumbered: 0 };
      for (const { expected, ids } of each(published)) {
        for (const { offset, id } of expected) {
          const found = ids.get(offset) ?? [];
          counts.received += found.length;
          if (found.length === 0) counts.lost += 1;
          if (found.length > 1) counts.doubled += 1;
          if (found.some((other) => other !== id)) counts.renumbered += 1;
        }
      }
      return counts;
    },
    close() {
      for (const client of clients) client.close();
    },
  };
}
