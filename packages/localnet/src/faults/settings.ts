import { z } from "zod";

const SUBSCRIPTION_KINDS = [
  "account",
  "block",
  "logs",
  "program",
  "root",
  "signature",
  "slot",
  "slotsUpdates",
] as const;

const MAX_NEXT = 1_000_000;
const MAX_METHODS = 100;
const MAX_METHOD_LENGTH = 64;

/** When a fault strikes: with a probability (default always), and so many times before it is over (default no end). */
const trigger = {
  probability: z.number().gt(0).max(1).optional(),
  next: z.int().min(1).max(MAX_NEXT).optional(),
};
/** Strikes subscriptions of some kinds only; default all. */
const ofSubscriptions = {
  ...trigger,
  subscriptions: z.array(z.enum(SUBSCRIPTION_KINDS)).min(1).max(SUBSCRIPTION_KINDS.length).optional(),
};
/** Strikes calls of some methods only; default all. */
const ofMethods = {
  ...trigger,
  methods: z.array(z.string().max(MAX_METHOD_LENGTH)).min(1).max(MAX_METHODS).optional(),
};

/** All faults of an endpoint, by name. */
const settings = {
  /** Notifications that are never sent. */
  drop: z.strictObject(ofSubscriptions),
  /** Notifications that are sent twice in a row. */
  duplicate: z.strictObject(ofSubscriptions),
  /** Notifications that the next `distance` (default 1) of their subscription overtake; one at a time. */
  reorder: z.strictObject({ ...ofSubscriptions, distance: z.int().min(1).max(1_000).optional() }),
  /**
   * Acknowledgements that wait for the first `notifications` (default 1) of their subscription, and share one TCP
   * segment with them, the acknowledgement first.
   */
  packAcknowledgement: z.strictObject({
    ...ofSubscriptions,
    notifications: z.int().min(1).max(100).optional(),
  }),
  /** Subscribe requests that are swallowed: no acknowledgement, no subscription. */
  withholdAcknowledgement: z.strictObject(ofSubscriptions),
  /** Subscribe requests that are refused with -32603, the node's limit of subscriptions. */
  refuseSubscription: z.strictObject(ofSubscriptions),
  /**
   * Notifications of what never happened: so many (default 5,000) every so many milliseconds (default 100) on each
   * subscription to logs, or to what `subscriptions` names, but on no more than `most` of them. On logs their signatures
   * are `unknown` to every node (default), `known` but of any transaction of late, again and again, or `malformed`;
   * slots run ahead of the chain.
   */
  flood: z.strictObject({
    notifications: z.int().min(1).max(100_000).optional(),
    intervalMs: z.int().min(1).max(60_000).optional(),
    subscriptions: z
      .array(z.enum(["logs", "slot"]))
      .min(1)
      .max(2)
      .optional(),
    most: z.int().min(1).max(MAX_NEXT).optional(),
    signatures: z.enum(["unknown", "known", "malformed"]).optional(),
  }),
  /**
   * Sockets on which nothing is read or written any more, pings included, but which stay open: those that are open
   * when it is switched on, or `all`, and then new ones are not even upgraded. When it is switched off, all that was
   * held up goes through, as after a pause of the process.
   */
  halfOpen: z.strictObject({ connections: z.enum(["open", "all"]) }),
  /** WebSocket upgrades that are refused with an HTTP status. */
  refuseConnection: z.strictObject({ ...trigger, status: z.int().min(400).max(599) }),

  /** HTTP 429; `Retry-After` only with `retryAfterSeconds`, a body that is not JSON with `text` (default `json`). */
  rateLimit: z.strictObject({
    ...ofMethods,
    retryAfterSeconds: z.int().min(0).max(3_600).optional(),
    body: z.enum(["json", "text"]).optional(),
  }),
  /** Requests that are taken and never answered. */
  noAnswer: z.strictObject(ofMethods),
  /** -32005: `Node is behind by {slotsBehind} slots`, without it `Node is unhealthy`. */
  unhealthy: z.strictObject({ ...ofMethods, slotsBehind: z.int().min(1).optional() }),
  /** -32016, whatever the client's `minContextSlot`. */
  minContextSlot: z.strictObject(ofMethods),
  /** -32020 for `getSignaturesForAddress` with `before` or `until`. */
  unknownCursor: z.strictObject(trigger),
  /**
   * `getTransaction` answers null for transactions that are there; the trigger picks transactions, at their first
   * request. Each is found after `attempts` requests; without it only once the fault is switched off.
   */
  missingTransaction: z.strictObject({ ...trigger, attempts: z.int().min(1).max(MAX_NEXT).optional() }),

  /** `getBlock` answers -32004 (not available) or -32014 (status not yet available); default -32004. */
  blockNotAvailable: z.strictObject({ ...trigger, code: z.literal([-32_004, -32_014]).optional() }),
  /** Blocks of these slots are missing with all that is in them, as on a node that jumped to a newer snapshot. */
  missingBlocks: z.strictObject({ from: z.int().min(0), to: z.int().min(0) }),
  /** Transactions and signatures without `transactionIndex`, as older nodes give them. */
  noTransactionIndex: z.strictObject({}),

  /** Logs are cut after `bytes`, in every answer and notification; the chain itself cuts at 10,000. */
  truncateLogs: z.strictObject({ bytes: z.int().min(0).max(10_000) }),
  /**
   * The endpoint is `slots` blocks behind the others: it stands still until it is, and catches up at once when the
   * lag shrinks. Above 128 it calls itself unhealthy, as nodes do.
   */
  lag: z.strictObject({ slots: z.int().min(1).max(1_000) }),
};

type Shape = typeof settings;
export type FaultName = keyof Shape;
export type FaultSettings = { readonly [Name in FaultName]: Readonly<z.output<Shape[Name]>> };

/** Faults to switch on; null switches one off, and those that are not named stay as they are. */
export type FaultPatch = { readonly [Name in FaultName]?: FaultSettings[Name] | null };

export const faultPatch = z.strictObject(
  Object.fromEntries(Object.entries(settings).map(([name, schema]) => [name, schema.nullable().optional()])),
) as unknown as z.ZodType<FaultPatch>;
