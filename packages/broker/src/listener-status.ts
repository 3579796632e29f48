import { z } from "zod";

/** A listener can be given so many nodes. */
const MAX_NODES = 8;
const MAX_SOURCES = 8;

const text = z.string().max(256);
const count = z.int().nonnegative();
const slot = z.int().nonnegative();

/** Where a stream of notifications stands; `off` when nothing is to be followed by it. */
const STREAM_STATES = [
  "off",
  "idle",
  "connecting",
  "subscribing",
  "backfilling",
  "live",
  "backing_off",
  "stopped",
] as const;
export type StreamState = (typeof STREAM_STATES)[number];

const stream = z
  .object({
    endpoint: text.describe("The node, without the path and query of its URL"),
    state: z
      .enum(STREAM_STATES)
      .describe(
        "live when every address is subscribed and has caught up, else the state of the last of them",
      ),
    live: count.describe("Addresses that are subscribed and have caught up"),
    slot: slot.nullable().describe("Newest slot that the node announced"),
    slot_age_ms: count.nullable().describe("Milliseconds since then"),
    lag: count.nullable().describe("Slots that the node is behind the newest one that any node announced"),
    reconnects: count.describe("Connections to this node that ended"),
    won: count.describe("Transactions that it reported first"),
    duplicates: count.describe("Reports of transactions that had been reported before"),
    backfilled: count.describe("Transactions that only a catch-up after a gap of this stream brought"),
    missed: count.describe("Transactions that it did not report although it was live"),
    doubted: z
      .boolean()
      .default(false)
      .describe("Whether it announces what no node knows: little of what it alone announces is asked for"),
    left: count.default(0).describe("Signatures that were left to others and to audits for that"),
  })
  .describe("What one node brings to a source");

const source = z
  .object({
    name: text,
    state: z
      .enum(STREAM_STATES)
      .describe("The best of its streams: live while one of them is, since each brings all"),
    wanted: count.describe("Addresses that it follows"),
    watermark: z
      .int()
      .nullable()
      .describe("Everything up to this slot is proven to be published; null where this listener stands by"),
    lag: count.nullable().describe("Slots between the watermark and the newest slot"),
    streams: z.array(stream).max(MAX_NODES),
  })
  .describe("What is followed of the chain");

const refusal = z
  .object({
    endpoint: text.describe("The node, without the path and query of its URL"),
    code: z.int().nullable().describe("Its own: of JSON-RPC, else of HTTP; null where it gave none"),
    message: text.describe("What happened, with the node's own words"),
    age_ms: count.describe("Milliseconds since then"),
  })
  .describe("What a node last said in place of what it was asked for");

const endpoint = z
  .object({
    endpoint: text.describe("The node, without the path and query of its URL"),
    requests: count.describe("Requests to it"),
    rate_limited: count.describe("Those that it refused since there had been too many (429)"),
    failed: count.describe("Those that failed, other than for something that the node does not have yet"),
    waiting: count.describe("Requests that wait for their turn within the budget"),
    per_second: z
      .int()
      .positive()
      .nullable()
      .describe("The budget, TRANSACTION_LISTENER_REQUESTS_PER_SECOND; null for any number"),
    pause_ms: count.describe("For so long nothing is sent to it, as it asked for; 0 when it is asked"),
  })
  .describe("How requests to a node go, and what limits them");

/** What a listener says of itself with every heartbeat; the counts are since its start. */
export const listenerStatus = z.object({
  role: z
    .enum(["leader", "standby", "off"])
    .describe("The leader publishes; off when TRANSACTION_LISTENER_ENABLED is false"),
  fence: count.nullable().describe("Number of the leader's lease; null for others"),
  slot: slot.nullable().describe("Newest slot that any node announced"),
  watermark: z.int().nullable().describe("The lowest of all sources"),
  lag: count.nullable().describe("Slots between the watermark and the newest slot"),
  sources: z.array(source).max(MAX_SOURCES),
  chain: text
    .nullable()
    .default(null)
    .describe("Hash of the first block of the chain that is followed; null until it is known"),
  set_aside: z
    .array(z.object({ endpoint: text, chain: text.describe("Hash of the first block of its chain") }))
    .max(MAX_NODES)
    .default([])
    .describe("Nodes that are of another chain, and not asked for anything else"),
  spares: z.array(text).max(MAX_NODES).describe("Nodes that stand by for those that the streams come from"),
  queues: z
    .object({
      signatures: count.describe("Signatures that wait for their transaction"),
      messages: count.describe("Bundles of messages that wait for the broker"),
      finality: count.describe("Confirmed transactions whose end is not told yet"),
    })
    .describe("What is on its way"),
  requests_delayed: count.describe("Requests to nodes that had to wait for the budget"),
  endpoints: z
    .array(endpoint)
    .max(MAX_NODES)
    .default([])
    .describe("Nodes that requests go to, and what limits these"),
  refusals: z
    .array(refusal)
    .max(2 * MAX_NODES)
    .default([])
    .describe("What each node last said in place of an answer, in the last five minutes"),
  checkpoint_age_ms: count
    .nullable()
    .default(null)
    .describe("Milliseconds since the last checkpoint was saved; null where this listener has saved none"),
  audit_age_ms: count
    .nullable()
    .describe("Milliseconds since the last audit; null where this listener stands by"),
});
export type ListenerStatus = Readonly<z.infer<typeof listenerStatus>>;
export type SourceStatus = ListenerStatus["sources"][number];
export type StreamStatus = SourceStatus["streams"][number];
