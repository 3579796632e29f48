import type { CommCoinCall } from "@commcoin/localnet";
import type { Landing, TransactionFacts } from "./chain-facts.ts";
import { compareMarkets } from "./compare-markets.ts";
import { findDisorder } from "./order.ts";
import type { Recorded } from "./recording.ts";

export const ORIGINS = ["live", "backfill", "audit"] as const;
type Origin = (typeof ORIGINS)[number];

/** What was published, against what happened. Texts name signature or id, and what is wrong. */
export interface Comparison {
  /** Messages that had to be published, in all topics that are compared. */
  readonly expected: number;
  readonly published: number;
  readonly missing: readonly string[];
  readonly duplicated: readonly string[];
  /** Messages about what did not happen. */
  readonly unexpected: readonly string[];
  readonly outOfOrder: readonly string[];
  /** Offsets that do not follow each other. */
  readonly holes: readonly string[];
  readonly wrongMarkets: readonly string[];
  /** Transactions by where they were found. */
  readonly origins: Readonly<Record<Origin, number>>;
}

type Topics = ReadonlyMap<string, readonly Recorded[]>;

/** What may and must be told of one transaction. */
interface Duties {
  readonly must: readonly string[];
  readonly may: readonly string[];
}

/** Statuses that follow from what became of a transaction. */
function statusDuties(landings: readonly Landing[], relevant: boolean): Duties {
  const last = landings.at(-1);
  const lost = landings.filter((landing) => landing.lost);
  // Something that a fork took back may have been told before, with its end.
  const before =
    lost.length === 0 ? [] : lost.every(({ failed }) => failed) ? ["failed"] : ["confirmed", "failed"];
  if (last === undefined || last.lost || !relevant)
    return { must: [], may: [...before, "confirmed", "finalized", "failed"] };
  return { must: last.failed ? ["failed"] : ["confirmed", "finalized"], may: before };
}

const eventsOf = ({ name }: CommCoinCall): readonly string[] =>
  name === "create_coin" ? ["TokenCreated"] : ["TokenPriceUpdate", "MarketData"];

/** `<signature>:<n>:<type>`, and whether it corrects what a fork took back. */
const readEventId = (id: string) => {
  const [signature = "", n, type = "", correction] = id.split(":");
  return { signature, n: Number(n), type, corrects: correction !== undefined };
};

function compareStatuses(facts: ReadonlyMap<string, TransactionFacts>, messages: readonly Recorded[]) {
  const missing: string[] = [];
  const unexpected: string[] = [];
  const told = new Map<string, Set<string>>();
  for (const { data } of messages) {
    const signature = String(data.transaction_id);
    told.set(signature, (told.get(signature) ?? new Set()).add(String(data.status)));
    if (!facts.has(signature)) unexpected.push(`${signature}: nothing that is followed`);
  }
  let expected = 0;
  for (const { signature, landings, relevant } of facts.values()) {
    const { must, may } = statusDuties(landings, relevant);
    const statuses = told.get(signature) ?? new Set<string>();
    expected += must.length;
    for (const status of must) if (!statuses.has(status)) missing.push(`${signature} ${status}`);
    for (const status of statuses) {
      if (!must.includes(status) && !may.includes(status)) unexpected.push(`${signature} ${status}`);
    }
    // What was told as confirmed has an end, also when a fork took it.
    if (statuses.has("confirmed") && !statuses.has("finalized") && !statuses.has("failed")) {
      if (!must.includes("finalized")) missing.push(`${signature} its end`);
    }
    if (landings.at(-1)?.lost === true && statuses.has("finalized"))
      unexpected.push(`${signature} finalized`);
  }
  return { expected, missing, unexpected };
}

/** The events of each transaction, in order, against what it did; only those about one coin, when a mint is given. */
function compareEvents(
  topic: string,
  facts: ReadonlyMap<string, TransactionFacts>,
  messages: readonly Recorded[],
  { types, mint }: { readonly types: ReadonlySet<string>; readonly mint?: string },
) {
  const missing: string[] = [];
  const unexpected: string[] = [];
  const outOfOrder: string[] = [];
  const told = new Map<string, { n: number; text: string }[]>();
  for (const { id, type, data } of messages) {
    const event = readEventId(id);
    if (!types.has(type) || event.corrects) continue;
    const list = told.get(event.signature) ?? [];
    list.push({ n: event.n, text: `${type} ${String(data.token_id)}` });
    told.set(event.signature, list);
    if (!facts.has(event.signature)) unexpected.push(`${topic}: ${id} of nothing that is followed`);
  }
  let expected = 0;
  for (const { signature, landings, relevant, calls } of facts.values()) {
    const last = landings.at(-1);
    if (last === undefined || last.lost || last.failed || !relevant) continue;
    const wanted = calls
      .filter((call) => mint === undefined || call.mint === mint)
      .flatMap((call) =>
        eventsOf(call)
          .filter((type) => types.has(type))
          .map((type) => `${type} ${call.mint}`),
      );
    const found = (told.get(signature) ?? []).sort((a, b) => a.n - b.n).map(({ text }) => text);
    expected += wanted.length;
    const surplus = [...found];
    for (const text of wanted) {
      const at = surplus.indexOf(text);
      if (at === -1) missing.push(`${topic}: ${signature} ${text}`);
      else surplus.splice(at, 1);
    }
    // A lost landing may have done something else.
    if (landings.length > 1) continue;
    for (const text of surplus) unexpected.push(`${topic}: ${signature} ${text}`);
    if (found.length === wanted.length && surplus.length === 0 && found.join() !== wanted.join())
      outOfOrder.push(`${topic}: ${signature} ${found.join()} instead of ${wanted.join()}`);
  }
  return { expected, missing, unexpected, outOfOrder };
}

/** What the program carried out stands in its own topic as it stands in `transactions`. */
function comparePrograms(
  chain: readonly TransactionFacts[],
  transactions: readonly Recorded[],
  topics: Topics,
) {
  const topic = [...topics.keys()].find((each) => each.startsWith("program:"));
  const carriedOut = new Set(chain.filter(({ calls }) => calls.length > 0).map(({ signature }) => signature));
  const ofProgram = new Set((topics.get(topic ?? "") ?? []).map(({ id }) => id));
  const wanted = transactions.filter(({ data }) => carriedOut.has(String(data.transaction_id)));
  const missing = wanted
    .filter(({ id }) => topic !== undefined && !ofProgram.has(id))
    .map(({ id }) => `${topic}: ${id}`);
  return { expected: topic === undefined ? 0 : wanted.length, missing, unexpected: [] };
}

function findRepetitions(topic: string, messages: readonly Recorded[]) {
  const duplicated: string[] = [];
  const holes: string[] = [];
  const seen = new Set<string>();
  let before: Recorded | null = null;
  for (const message of messages) {
    if (seen.has(message.id)) duplicated.push(`${topic}: ${message.id}`);
    seen.add(message.id);
    const follows = before === null || before.epoch !== message.epoch ? 1 : before.offset + 1;
    if (message.offset !== follows) holes.push(`${topic}: ${message.offset} instead of ${follows}`);
    if (before !== null && before.epoch !== message.epoch)
      holes.push(`${topic}: a new epoch at ${message.offset}`);
    before = message;
  }
  return { duplicated, holes };
}

/**
 * Compares everything that was published with everything that happened: `transactions` by statuses, `token_updates`,
 * `market_data` and the topics of coins by events, the last market of each coin by what its trades add up to; and in
 * every topic offsets, repetitions and order.
 */
export function compare(chain: readonly TransactionFacts[], topics: Topics): Comparison {
  const facts = new Map(chain.map((each) => [each.signature, each]));
  const of = (topic: string): readonly Recorded[] => topics.get(topic) ?? [];
  const transactions = of("transactions");
  const events = [
    compareEvents("token_updates", facts, of("token_updates"), {
      types: new Set(["TokenCreated", "TokenPriceUpdate"]),
    }),
    compareEvents("market_data", facts, of("market_data"), { types: new Set(["MarketData"]) }),
    ...[...topics]
      .filter(([topic]) => topic.startsWith("token:"))
      .map(([topic, messages]) =>
        compareEvents(topic, facts, messages, {
          types: new Set(["TokenCreated", "TokenPriceUpdate", "MarketData"]),
          mint: topic.slice("token:".length),
        }),
      ),
  ];
  const parts = [
    compareStatuses(facts, transactions),
    comparePrograms(chain, transactions, topics),
    ...events,
  ];
  const repetitions = [...topics].map(([topic, messages]) => findRepetitions(topic, messages));
  const origins = { live: 0, backfill: 0, audit: 0 };
  for (const { data } of transactions) {
    if (data.status !== "finalized" && data.error !== "dropped") origins[data.origin as Origin] += 1;
  }
  return {
    expected: parts.reduce((sum, { expected }) => sum + expected, 0),
    published: [...topics.values()].reduce((sum, { length }) => sum + length, 0),
    missing: parts.flatMap(({ missing }) => missing),
    unexpected: parts.flatMap(({ unexpected }) => unexpected),
    duplicated: repetitions.flatMap(({ duplicated }) => duplicated),
    holes: repetitions.flatMap(({ holes }) => holes),
    outOfOrder: [
      ...events.flatMap(({ outOfOrder }) => outOfOrder),
      ...[...topics].flatMap(([topic, messages]) => findDisorder(topic, messages, facts, transactions)),
    ],
    wrongMarkets: compareMarkets(chain, of("market_data")),
    origins,
  };
}
