import type { SignatureNotification, SourceName } from "../model/notification.ts";

/**
 * Compares what the streams of several nodes bring. A node that was live when another one, or an audit, brought a
 * transaction has to bring it as well: late is measured, never is a loss.
 */
export interface StreamComparison {
  /** The stream of a node brings everything of an address from now on, or does so no more. */
  live(address: string, endpoint: string, isLive: boolean): void;
  /** A stream or a catch-up brought something. @param isNew whether nobody had brought it before. */
  brought(notification: SignatureNotification & { readonly endpoint: string }, isNew: boolean): void;
  /** Whether other nodes than this one are live for an address. */
  hasOthers(address: string, endpoint: string): boolean;
  /** Whether nodes that are believed, other than this one, are live for every address that any node is live for. */
  isCovered(endpoint: string, isBelieved: (endpoint: string) => boolean): boolean;
  /** Nobody is expected to bring this: no node knows it. */
  forget(signature: string): void;
  /** An audit found what no stream had brought. */
  found(notification: Pick<SignatureNotification, "address" | "source">): void;
  /** To be called at even intervals: decides what is late by now, and which streams are silent. */
  sweep(): void;
}

export interface StreamComparisonOptions {
  /** The newest slot that a node announced; null while there is none. */
  readonly slotOf: (endpoint: string) => number | null;
  readonly onMissed: (source: SourceName, endpoint: string) => void;
  /** A node brought what another one had brought so many milliseconds before. */
  readonly onLate: (endpoint: string, ms: number) => void;
  /** The subscription of an address brings nothing any more although it should. */
  readonly onSilent: (endpoint: string, address: string) => void;
  /** A subscription that missed a few transactions, for so long, without bringing anything, is dead. */
  readonly silentMs: number;
  readonly now?: () => number;
}

/**
 * Sweeps for which a node may be late once it has announced the slot that the first one had announced by then. Slots
 * are announced before their transactions are confirmed, and a node that lags behind as a whole is not lossy.
 */
const GRACE_SWEEPS = 3;
/** Undecided transactions: a node that hangs for ten seconds at five thousand a second. */
const CAPACITY = 50_000;
/** What an audit and a slow notification may both report now and then does not make a subscription dead. */
const SILENT_MISSES = 3;
/** Longer than a node that is short of time holds its notifications back. */
export const SILENT_MS = 15_000;

interface Undecided {
  readonly address: string;
  readonly source: SourceName;
  readonly at: number;
  /** The newest slot of the node that was first. */
  readonly head: number;
  readonly expected: Set<string>;
}

interface Stream {
  readonly since: number;
  misses: number;
  firstMissAt: number;
}

export function createStreamComparison({
  slotOf,
  onMissed,
  onLate,
  onSilent,
  silentMs,
  now = () => performance.now(),
}: StreamComparisonOptions): StreamComparison {
  const streams = new Map<string, Map<string, Stream>>();
  const undecided = new Map<string, Undecided>();
  /** Slots of each node at the newest sweeps, the oldest first. */
  const announced = new Map<string, (number | null)[]>();

  const missed = (source: SourceName, endpoint: string, stream: Stream): void => {
    onMissed(source, endpoint);
    if (stream.misses === 0) stream.firstMissAt = now();
    stream.misses += 1;
  };
  const expect = (notification: SignatureNotification & { readonly endpoint: string }): void => {
    const { address, source, signature, endpoint } = notification;
    const known = streams.get(address);
    if (known === undefined) return;
    const head = slotOf(endpoint);
    const expected = new Set([...known.keys()].filter((other) => other !== endpoint));
    if (expected.size === 0 || head === null) return;
    undecided.set(signature, { address, source, at: now(), head, expected });
    if (undecided.size <= CAPACITY) return;
    const [oldest] = undecided.keys();
    if (oldest !== undefined) undecided.delete(oldest);
  };
  const decide = (signature: string, { address, source, at, head, expected }: Undecided): void => {
    for (const endpoint of expected) {
      const stream = streams.get(address)?.get(endpoint);
      // Whoever was not live all the time catches up.
      if (stream === undefined || stream.since > at) expected.delete(endpoint);
      else if ((announced.get(endpoint)?.at(-1 - GRACE_SWEEPS) ?? -1) >= head) {
        expected.delete(endpoint);
        missed(source, endpoint, stream);
      }
    }
    if (expected.size === 0) undecided.delete(signature);
  };

  return {
    live(address, endpoint, isLive) {
      const known = streams.get(address) ?? new Map<string, Stream>();
      if (isLive) known.set(endpoint, { since: now(), misses: 0, firstMissAt: 0 });
      else known.delete(endpoint);
      if (known.size > 0) streams.set(address, known);
      else streams.delete(address);
    },
    brought(notification, isNew) {
      const { signature, address, endpoint, origin } = notification;
      if (origin === "live") {
        const stream = streams.get(address)?.get(endpoint);
        if (stream !== undefined) stream.misses = 0;
      }
      // What no node could give in between counts as new again, but it was brought before.
      if (isNew && !undecided.has(signature)) {
        expect(notification);
        return;
      }
      const entry = undecided.get(signature);
      if (entry === undefined || !entry.expected.delete(endpoint)) return;
      if (origin === "live") onLate(endpoint, now() - entry.at);
      if (entry.expected.size === 0) undecided.delete(signature);
    },
    hasOthers(address, endpoint) {
      const known = streams.get(address);
      return known !== undefined && known.size > (known.has(endpoint) ? 1 : 0);
    },
    isCovered: (endpoint, isBelieved) =>
      [...streams.values()].every((known) =>
        [...known.keys()].some((other) => other !== endpoint && isBelieved(other)),
      ),
    forget: (signature) => void undecided.delete(signature),
    found({ address, source }) {
      for (const [endpoint, stream] of streams.get(address) ?? []) missed(source, endpoint, stream);
    },
    sweep() {
      const endpoints = new Set([...streams.values()].flatMap((known) => [...known.keys()]));
      for (const endpoint of endpoints) {
        const slots = announced.get(endpoint) ?? [];
        slots.push(slotOf(endpoint));
        announced.set(endpoint, slots.slice(-GRACE_SWEEPS - 1));
      }
      for (const endpoint of announced.keys()) if (!endpoints.has(endpoint)) announced.delete(endpoint);
      for (const [signature, entry] of undecided) decide(signature, entry);
      for (const [address, known] of streams) {
        for (const [endpoint, { misses, firstMissAt }] of known) {
          if (misses >= SILENT_MISSES && now() - firstMissAt >= silentMs) onSilent(endpoint, address);
        }
      }
    },
  };
}
