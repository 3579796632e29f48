import { randomBytes } from "node:crypto";
import type { Clock } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import type { Keys } from "./keys.ts";
import type { Nodes, RedisNode } from "./nodes.ts";
import { SLOTS, slotOf } from "./slot.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface ProofTimes {
  /** A connection that received nothing for so long has to prove that it can. */
  readonly probeAfterMs: number;
  /** How long the proof may take before the connection is built anew. */
  readonly echoWithinMs: number;
}

/** A message takes milliseconds; those 5 s are for a machine in trouble. */
export const PROOF_TIMES: ProofTimes = { probeAfterMs: 30_000, echoWithinMs: 5_000 };

/** A proof that takes longer is a sign of trouble, if not yet a reason to build the connection anew. */
const LATE_MS = 2_000;

/** Proves that what is published arrives on a node's subscriber connection. */
export interface Proof {
  /** Looks whether it is time to do something; to be called at least twice a second. */
  tick(): void;
  /** The connection broke: what was proved holds no more. */
  reset(): void;
  problem(): string | null;
  /** Milliseconds since something arrived. */
  ageMs(): number;
  /** How often the connection was built anew because nothing arrived. */
  rebuilds(): number;
}

type Probe = "none" | "joining" | "sending" | { readonly acceptedAt: number };

/**
 * A subscriber connection can be open, even answer, and yet receive nothing: clients do not notice when the server forgot
 * what they subscribed to, or when only one direction stalls (ioredis#1451, node-redis#1114). So each connection listens to
 * a channel of its own. When nothing arrived for a while, and after each reconnect, something is published there on the way
 * that messages take; what Redis accepted must come back, else the connection is built anew. A probe that Redis did not
 * accept says nothing about the receiving side and is sent again.
 */
export function createProof({
  node,
  nodes,
  subscriptions,
  keys,
  clock,
  times: { probeAfterMs, echoWithinMs },
  logger,
}: {
  readonly node: RedisNode;
  readonly nodes: Nodes;
  readonly subscriptions: Subscriptions;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly times: ProofTimes;
  readonly logger: Logger;
}): Proof {
  const id = randomBytes(6).toString("base64url");
  let channel: string | null = null;
  let provedAt = clock.monotonic();
  let provedSinceReset = false;
  let received = 0;
  let probe: Probe = "none";
  let rebuilds = 0;
  let failure: string | null = null;
  /** Tells the answers of an earlier connection from those of this one. */
  let generation = 0;

  /** A channel whose slot is this node's. */
  const ownChannel = (): string | null => {
    if (!nodes.sharded) return keys.probe(id, 0);
    for (let salt = 0; salt < 4 * SLOTS; salt += 1) {
      const candidate = keys.probe(id, salt);
      if (nodes.at(slotOf(candidate)) === node) return candidate;
    }
    return null;
  };
  const send = async (): Promise<void> => {
    const current = generation;
    try {
      if (channel === null || nodes.at(nodes.sharded ? slotOf(channel) : 0) !== node) channel = null;
      if (channel === null) {
        probe = "joining";
        const candidate = ownChannel();
        if (candidate === null) return;
        await subscriptions.add(candidate);
        if (current !== generation) return;
        channel = candidate;
      }
      probe = "sending";
      const before = subscriptions.received();
      await (nodes.sharded
        ? node.commands.spublish(channel, "probe")
        : node.commands.publish(channel, "probe"));
      failure = null;
      // The echo may be faster than the answer.
      if (current === generation && subscriptions.received() === before)
        probe = { acceptedAt: clock.monotonic() };
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    } finally {
      if (current === generation && typeof probe === "string") probe = "none";
    }
  };
  const arrived = (): boolean => {
    if (subscriptions.received() === received) return false;
    received = subscriptions.received();
    provedAt = clock.monotonic();
    provedSinceReset = true;
    if (typeof probe !== "string") probe = "none";
    return true;
  };
  const rebuild = (): void => {
    rebuilds += 1;
    logger.warn(
      { redis: node.name, silent_ms: Math.round(clock.monotonic() - provedAt) },
      "what is published does not arrive on the subscriber connection; connecting again",
    );
    node.subscriptions.disconnect(true);
  };

  return {
    tick() {
      if (arrived()) return;
      if (node.subscriptions.status !== "ready") return;
      const now = clock.monotonic();
      if (probe === "none") {
        if (!provedSinceReset || now - provedAt >= probeAfterMs) void send();
      } else if (typeof probe !== "string" && now - probe.acceptedAt >= echoWithinMs) {
        rebuild();
      }
    },
    reset() {
      generation += 1;
      channel = null;
      // What came last on the old connection proves nothing about the new one.
      received = subscriptions.received();
      probe = "none";
      provedSinceReset = false;
    },
    problem() {
      if (!provedSinceReset) {
        return `Not proved yet that messages arrive from Redis at ${node.name}${failure === null ? "" : `: ${failure}`}.`;
      }
      if (typeof probe === "string" || clock.monotonic() - probe.acceptedAt < LATE_MS) return null;
      const silent = Math.floor((clock.monotonic() - provedAt) / 1_000);
      return `What is published does not arrive from Redis at ${node.name}: nothing has for ${silent} s.`;
    },
    ageMs: () => (arrived() ? 0 : clock.monotonic() - provedAt),
    rebuilds: () => rebuilds,
  };
}
