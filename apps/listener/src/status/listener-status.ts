import type { ListenerStatus, SourceStatus, StreamState } from "@commcoin/broker";
import type { NodeLimits } from "../rpc/connect-rpc.ts";
import type { EndpointRefusal } from "../rpc/refusals.ts";
import type { RequestCounts } from "../rpc/request-counts.ts";
import type { NodeStatus } from "../sources/node-pool.ts";
import type { Source } from "../sources/source.ts";
import type { StreamCounts } from "../sources/stream-counts.ts";
import type { Publishing } from "./publishing.ts";

export interface ListenerParts {
  readonly role: ListenerStatus["role"];
  readonly nodes: readonly NodeStatus[];
  readonly sources: readonly Source[];
  /** What runs while this listener leads. */
  readonly active: Publishing | null;
  readonly counts: StreamCounts;
  /** Whether a node announces what no node knows. */
  readonly isDoubted: (endpoint: string) => boolean;
  readonly requestsDelayed: number;
  readonly limits: readonly NodeLimits[];
  readonly requestCounts: (endpoint: string) => RequestCounts;
  readonly refusals: readonly EndpointRefusal[];
}

/** From what brings most to what brings nothing. */
const BEST_FIRST: readonly StreamState[] = [
  "live",
  "backfilling",
  "subscribing",
  "connecting",
  "backing_off",
  "idle",
  "off",
  "stopped",
];
const best = (states: readonly StreamState[]): StreamState =>
  BEST_FIRST.find((state) => states.includes(state)) ?? "off";

const lagOf = (slot: number | null, newest: number | null): number | null =>
  slot === null || newest === null ? null : Math.max(0, newest - slot);

const rounded = (value: number | null): number | null => (value === null ? null : Math.round(value));

const describeEndpoint = (
  { endpoint, perSecond, pauseMs, waiting }: NodeLimits,
  { requests, rateLimited, failed }: RequestCounts,
): ListenerStatus["endpoints"][number] => ({
  endpoint,
  requests,
  rate_limited: rateLimited,
  failed,
  waiting,
  per_second: perSecond,
  pause_ms: Math.ceil(pauseMs),
});

/** What a listener says of itself to the others. */
export function describeListener({
  role,
  nodes,
  sources,
  active,
  counts,
  isDoubted,
  requestsDelayed,
  limits,
  requestCounts,
  refusals,
}: ListenerParts): ListenerStatus {
  const slots = nodes.flatMap(({ slot }) => (slot === null ? [] : [slot]));
  const newest = slots.length === 0 ? null : Math.max(...slots);
  const watermark = active?.watermarks.lowest ?? null;

  const describeSource = (source: Source): SourceStatus => {
    const { name, wanted, streams } = source.status();
    // One that was just added is proven up to where it begins.
    const marks =
      active === null
        ? []
        : source
            .lanes()
            .map(({ address, fromSlot }) => Math.max(active.watermarks.of(address), fromSlot - 1));
    const lowest = marks.length === 0 ? null : Math.min(...marks);
    return {
      name,
      state: best(streams.map(({ state }) => state)),
      wanted,
      watermark: lowest,
      lag: lagOf(lowest, newest),
      streams: streams.map(({ endpoint, state, live }) => {
        const node = nodes.find((each) => each.endpoint === endpoint);
        const slot = node?.slot ?? null;
        const age = node?.slotAgeMs ?? null;
        return {
          endpoint,
          state,
          live,
          slot,
          slot_age_ms: age === null ? null : Math.round(age),
          lag: lagOf(slot, newest),
          reconnects: node?.reconnects ?? 0,
          doubted: isDoubted(endpoint),
          ...counts.of(name, endpoint),
        };
      }),
    };
  };

  return {
    role,
    chain: null,
    set_aside: [],
    fence: active?.fence ?? null,
    slot: newest,
    watermark,
    lag: lagOf(watermark, newest),
    sources: sources.map(describeSource),
    spares: nodes.filter(({ spare }) => spare).map(({ endpoint }) => endpoint),
    queues: {
      signatures: active?.pipeline.waiting ?? 0,
      messages: active?.publisher.size ?? 0,
      finality: active?.finality.size ?? 0,
    },
    requests_delayed: requestsDelayed,
    endpoints: limits.map((limit) => describeEndpoint(limit, requestCounts(limit.endpoint))),
    refusals: refusals.map(({ endpoint, code, message, ageMs }) => ({
      endpoint,
      code,
      message,
      age_ms: Math.round(ageMs),
    })),
    checkpoint_age_ms: active === null ? null : rounded(active.keeper.ageMs),
    audit_age_ms: active === null ? null : Math.round(active.audit.ageMs),
  };
}
