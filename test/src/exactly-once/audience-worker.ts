import { serve } from "@commcoin/harness";
import { createRandom } from "@commcoin/localnet/random";
import { judge, type Verdict } from "./judge.ts";
import { HEAVY_TOPIC, TOPIC_SHARES } from "./load.ts";
import type { RecordedTopics } from "./record.ts";
import { openWatchedClient, type WatchedClient } from "./watched-client.ts";

export interface OpenClients {
  readonly first: number;
  readonly count: number;
  /** The first so many of them also subscribe to the heavy topic. */
  readonly heavy: number;
  readonly ports: readonly number[];
  readonly seed: number;
}

/** What the clients of one process have to say at the end. */
export interface Report {
  readonly verdict: Verdict;
  /** Of each client, its longest time without a message, in milliseconds. */
  readonly gaps: readonly number[];
  readonly connections: number;
  readonly clientGaps: number;
  readonly clientDuplicates: number;
  readonly codes: readonly (readonly [code: number, times: number])[];
  readonly errors: readonly string[];
}

/** Every so many clients one joins all topics; the others one each, so that two cores are enough for a thousand. */
const ALL_TOPICS_EVERY = 20;
/** Handshakes at a time when the clients are opened. */
const OPENING_AT_A_TIME = 50;

const topics = [...TOPIC_SHARES.keys()];
let clients: readonly WatchedClient[] = [];
let ports: readonly number[] = [];
let random = createRandom("");

const topicsOf = (index: number): readonly string[] =>
  index % ALL_TOPICS_EVERY === 0 ? topics : topics.slice(index % topics.length, (index % topics.length) + 1);
const route = (): number => ports[Math.floor(random.next() * ports.length)] ?? 0;

const commands = {
  async open(options: OpenClients): Promise<void> {
    const { first, count, heavy } = options;
    for (const client of clients) client.close();
    ports = options.ports;
    random = createRandom(`${options.seed} ${first}`);
    const opened: WatchedClient[] = [];
    while (opened.length < count) {
      const group = Array.from({ length: Math.min(OPENING_AT_A_TIME, count - opened.length) }, (_, place) => {
        const index = opened.length + place;
        return openWatchedClient(
          [...topicsOf(first + index), ...(index < heavy ? [HEAVY_TOPIC] : [])],
          route,
        );
      });
      await Promise.all(group.map(({ ready }) => ready));
      opened.push(...group);
    }
    clients = opened;
  },
  /** The gateways that connections go to from now on. */
  route(to: readonly number[]): void {
    ports = to;
  },
  cut(): void {
    for (const client of clients) client.cut();
  },
  freeze(count: number): void {
    for (const client of clients.slice(0, count)) client.freeze();
  },
  thaw(count: number): void {
    for (const client of clients.slice(0, count)) client.thaw();
  },
  /** How many clients have not got these messages, or newer ones, in all their topics. */
  behind: (newest: ReadonlyMap<string, number>): number =>
    clients.filter(({ logs }) => [...logs.values()].some((log) => log.newest < (newest.get(log.topic) ?? -1)))
      .length,
  report(record: RecordedTopics): Report {
    const codes = new Map<number, number>();
    for (const code of clients.flatMap((client) => client.codes)) codes.set(code, (codes.get(code) ?? 0) + 1);
    const sum = (of: (client: WatchedClient) => number): number =>
      clients.reduce((total, client) => total + of(client), 0);
    return {
      verdict: judge(
        clients.flatMap(({ logs }) => [...logs.values()]),
        record,
      ),
      gaps: clients.map(({ longestGapMs }) => longestGapMs),
      connections: sum(({ counts }) => counts.connections),
      clientGaps: sum(({ counts }) => counts.gaps),
      clientDuplicates: sum(({ counts }) => counts.duplicates),
      codes: [...codes],
      errors: [...new Set(clients.flatMap(({ errors }) => errors))],
    };
  },
};

export type AudienceCommands = typeof commands;

serve(commands);
