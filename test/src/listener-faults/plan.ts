import type { CloseCode, FaultPatch, Random } from "@commcoin/localnet";

/** One thing that goes wrong. What lasts is undone after so many slots. */
export type Trouble =
  | {
      readonly kind: "fault";
      readonly endpoint: number;
      readonly patch: FaultPatch;
      readonly slots: number;
      /** The connections are closed as well, so that the fault meets those that come back. */
      readonly disconnect?: CloseCode;
    }
  | { readonly kind: "disconnect"; readonly endpoint: number; readonly code: CloseCode }
  | { readonly kind: "down"; readonly endpoint: number; readonly slots: number }
  | { readonly kind: "blackout"; readonly slots: number }
  | { readonly kind: "skip"; readonly slots: number }
  | { readonly kind: "fork"; readonly depth: number; readonly reland: "none" | "all" }
  | { readonly kind: "rootJump"; readonly blocks: number }
  | {
      readonly kind: "kill" | "pause" | "stop";
      readonly whom: "leader" | "standby" | "all";
      readonly slots: number;
    }
  | { readonly kind: "pauseRedis"; readonly slots: number }
  | { readonly kind: "restartRedis" };

export interface Planned {
  readonly slot: number;
  readonly name: string;
  readonly trouble: Trouble;
}

export interface PlanOptions {
  /** Slots in which the market is played. */
  readonly slots: number;
  readonly endpoints: number;
  /** Slots that a paused process sleeps: longer than its lease. */
  readonly sleepSlots: number;
  /** Slots between two troubles of the node, on average. */
  readonly nodeEvery: number;
  /** Slots between two troubles of our own processes, on average. */
  readonly processEvery: number;
}

/** Nothing goes wrong while the first wallets are filled and the listeners start. */
const CALM_SLOTS = 20;
/** Slots at the end in which no process is touched, so that the last blow meets a listener at work. */
const LAST_SLOTS = 20;
/** What the last blow loses: everything that any endpoint would have told, for so many slots. */
const BLACKOUT_SLOTS = 8;

type Deck = readonly (readonly [name: string, deal: (random: Random, options: PlanOptions) => Trouble])[];

const LOGS = ["logs"] as const;
const fault =
  (patch: FaultPatch, disconnect?: CloseCode) =>
  (random: Random, { endpoints }: PlanOptions): Trouble => ({
    kind: "fault",
    endpoint: random.integer(0, endpoints - 1),
    patch,
    slots: random.integer(5, 25),
    ...(disconnect === undefined ? {} : { disconnect }),
  });
const disconnect =
  (code: CloseCode) =>
  (random: Random, { endpoints }: PlanOptions): Trouble => ({
    kind: "disconnect",
    endpoint: random.integer(0, endpoints - 1),
    code,
  });

/** Everything that nodes, the network and the chain do wrong. */
const NODE: Deck = [
  ["drop some notifications", fault({ drop: { subscriptions: [...LOGS], probability: 0.3 } })],
  ["drop the next notifications", fault({ drop: { subscriptions: [...LOGS], next: 20 } })],
  ["blackout", (random) => ({ kind: "blackout", slots: random.integer(3, BLACKOUT_SLOTS) })],
  ["duplicate", fault({ duplicate: { probability: 0.4 } })],
  ["reorder", fault({ reorder: { subscriptions: [...LOGS], probability: 0.4, distance: 5 } })],
  [
    "pack acknowledgements",
    fault({ packAcknowledgement: { subscriptions: [...LOGS], notifications: 2 } }, 1012),
  ],
  ["withhold acknowledgements", fault({ withholdAcknowledgement: { probability: 0.3 } }, 1011)],
  ["refuse subscriptions", fault({ refuseSubscription: { probability: 0.3 } }, 1001)],
  ["refuse connections", fault({ refuseConnection: { probability: 0.7, status: 503 } }, 1006)],
  ["half-open sockets", fault({ halfOpen: { connections: "open" } })],
  ["half-open endpoint", fault({ halfOpen: { connections: "all" } })],
  ["rate limit", fault({ rateLimit: { probability: 0.3, body: "text" } })],
  ["rate limit with Retry-After", fault({ rateLimit: { probability: 0.2, retryAfterSeconds: 1 } })],
  ["no answer", fault({ noAnswer: { probability: 0.1 } })],
  ["unhealthy", fault({ unhealthy: { probability: 0.4 } })],
  ["behind", fault({ unhealthy: { probability: 0.4, slotsBehind: 200 } })],
  ["minimum context slot", fault({ minContextSlot: { probability: 0.3 } })],
  ["unknown cursor", fault({ unknownCursor: {} })],
  ["transactions late", fault({ missingTransaction: { probability: 0.4, attempts: 3 } })],
  ["transactions missing", fault({ missingTransaction: { probability: 0.2 } })],
  ["truncated logs", fault({ truncateLogs: { bytes: 200 } })],
  [
    "lag",
    (random, { endpoints }) => ({
      kind: "fault",
      endpoint: random.integer(0, endpoints - 1),
      patch: { lag: { slots: random.integer(2, 12) } },
      slots: random.integer(15, 40),
    }),
  ],
  [
    "endpoint down",
    (random, { endpoints }) => ({
      kind: "down",
      endpoint: random.integer(0, endpoints - 1),
      slots: random.integer(5, 25),
    }),
  ],
  ["close 1000", disconnect(1000)],
  ["close 1001", disconnect(1001)],
  ["close 1006", disconnect(1006)],
  ["skipped slots", (random) => ({ kind: "skip", slots: random.integer(1, 5) })],
  ["fork", (random) => ({ kind: "fork", depth: random.integer(1, 4), reland: "none" })],
  ["fork that lands again", (random) => ({ kind: "fork", depth: random.integer(2, 4), reland: "all" })],
  ["root jump", (random) => ({ kind: "rootJump", blocks: random.integer(5, 20) })],
];

/** Everything that happens to our own processes. */
const PROCESSES: Deck = [
  ["leader killed", (random) => ({ kind: "kill", whom: "leader", slots: random.integer(5, 40) })],
  ["leader paused", (_, { sleepSlots }) => ({ kind: "pause", whom: "leader", slots: sleepSlots })],
  ["leader stopped", (random) => ({ kind: "stop", whom: "leader", slots: random.integer(5, 40) })],
  ["Redis restarted", () => ({ kind: "restartRedis" })],
  ["standby killed", (random) => ({ kind: "kill", whom: "standby", slots: random.integer(5, 40) })],
  ["leader killed again", (random) => ({ kind: "kill", whom: "leader", slots: random.integer(5, 40) })],
  ["Redis paused", (random) => ({ kind: "pauseRedis", slots: random.integer(5, 25) })],
  ["standby paused", (_, { sleepSlots }) => ({ kind: "pause", whom: "standby", slots: sleepSlots })],
  ["all killed", (random) => ({ kind: "kill", whom: "all", slots: random.integer(5, 30) })],
];

/** Deals each card once before any comes again; the first round in the deck's own order when it is not shuffled. */
function deal(
  deck: Deck,
  random: Random,
  options: PlanOptions,
  { every, until, shuffled }: { readonly every: number; readonly until: number; readonly shuffled: boolean },
): readonly Planned[] {
  const planned: Planned[] = [];
  let hand = shuffled ? random.shuffled(deck) : [...deck];
  let slot = CALM_SLOTS;
  while (slot < until) {
    const [card, ...rest] = hand;
    hand = rest.length > 0 ? rest : random.shuffled(deck);
    if (card === undefined) break;
    const [name, trouble] = card;
    planned.push({ slot, name, trouble: trouble(random, options) });
    slot += random.integer(Math.ceil(every / 2), Math.ceil((every * 3) / 2));
  }
  return planned;
}

/**
 * What goes wrong, and in which slot: determined by the stream of chance. It ends with a blackout of all notifications,
 * which nothing but an audit can make good.
 */
export function planTroubles(random: Random, options: PlanOptions): readonly Planned[] {
  const { slots, nodeEvery, processEvery } = options;
  const last: Planned = {
    slot: slots - BLACKOUT_SLOTS,
    name: "last blackout",
    trouble: { kind: "blackout", slots: BLACKOUT_SLOTS },
  };
  return [
    ...deal(NODE, random, options, { every: nodeEvery, until: slots - LAST_SLOTS, shuffled: true }),
    ...deal(PROCESSES, random, options, {
      every: processEvery,
      until: slots - LAST_SLOTS - options.sleepSlots,
      shuffled: false,
    }),
    last,
  ].sort((a, b) => a.slot - b.slot);
}
