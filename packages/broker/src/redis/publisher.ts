// Named import: fake timers of a test replace the global function, and this one must still run.
import { setImmediate } from "node:timers";
import { setTimeout as delay } from "node:timers/promises";
import { BrokerUnavailableError, FencedError, type Published } from "../broker.ts";
import type { DamageLog } from "../damage.ts";
import type { EncodedMessage } from "../encode-message.ts";
import type { RetentionPolicy } from "../retention.ts";
import { noNode, REDIRECT_PAUSE_MS, REDIRECT_TIMEOUT_MS } from "./commands.ts";
import type { Keys } from "./keys.ts";
import type { KnownPositions } from "./known-positions.ts";
import type { Nodes, RedisNode } from "./nodes.ts";
import { publishCalls, readPublishReply, type PublishReply } from "./publish-calls.ts";
import { createLane, charsOf, type Batch, type Lane, type Outcome, type Waiting } from "./publish-lane.ts";
import type { Replication } from "./replication.ts";
import { runScripts } from "./scripts.ts";
import { slotOf } from "./slot.ts";
import { noteTopicDamage } from "./topic-damage.ts";
import { unavailable } from "./unavailable.ts";

/** What may wait for its turn; a Redis that falls so far behind is not keeping up. */
const MAX_WAITING_CHARS = 67_108_864;

export interface Publisher {
  publish(messages: readonly EncodedMessage[], fence: number | undefined): Promise<readonly Published[]>;
  /** Slots changed hands. */
  moved(): void;
  close(): void;
}

/**
 * Sends what is published in one turn of the event loop together, in order, many messages in one script call; on a cluster
 * each call is about one topic. Each node of
 * a cluster has a lane of its own, so that one that is away holds up its own topics only. A slot belongs to one lane for as
 * long as anything of that lane is on its way; when slots move, the lane is drained first: so messages of a topic never
 * overtake each other. When Redis refused one or lost it on the way, those after it in the same `publish` are refused as
 * well, because they come without it.
 */
export function createPublisher({
  nodes,
  keys,
  retention,
  known,
  replication,
  damage,
}: {
  readonly nodes: Nodes;
  readonly keys: Keys;
  readonly retention: RetentionPolicy;
  /** What was acknowledged here: a Redis that does not have it has lost it. */
  readonly known: KnownPositions;
  /** null where nothing takes over from a Redis that is gone. */
  readonly replication: Replication | null;
  readonly damage: DamageLog;
}): Publisher {
  const lanes = new Map<RedisNode, Lane>();
  const laneOfSlot = new Map<number, { readonly node: RedisNode; readonly lane: Lane }>();
  let waitingChars = 0;
  let scheduled = false;
  let closed = false;

  const settle = (
    { message: { head, tail }, index, batch }: Pick<Waiting, "message" | "index" | "batch">,
    outcome: Outcome,
  ): void => {
    waitingChars -= head.length + tail.length;
    if (outcome instanceof FencedError) {
      batch.fenced ??= outcome;
    } else if (outcome instanceof Error) {
      batch.failed ??= outcome instanceof BrokerUnavailableError ? outcome : unavailable(outcome);
    } else {
      batch.published[index] = outcome;
    }
    batch.open -= 1;
    if (batch.open === 0) batch.settle();
  };
  const send = async (node: RedisNode, items: readonly Waiting[]): Promise<readonly Outcome[]> => {
    try {
      const calls = publishCalls(items, { sharded: nodes.sharded, keys, retention, known });
      const replies = await runScripts(
        node.commands,
        "commcoinPublish",
        calls.map(({ args }) => args),
      );
      const outcomes: Outcome[] = [];
      const standings: PublishReply["standings"][number][] = [];
      for (const [index, call] of calls.entries()) {
        const reply = readPublishReply(call, replies[index]);
        for (const [nth, place] of call.places.entries()) outcomes[place] = reply.outcomes[nth] as Outcome;
        standings.push(...reply.standings);
        for (const [topic, damaged] of reply.damages) noteTopicDamage(damage, topic, damaged);
      }
      await replication?.confirm(node);
      for (const [topic, position] of standings) known.note(topic, position);
      return outcomes;
    } catch (error) {
      const failure = error instanceof BrokerUnavailableError ? error : unavailable(error);
      return items.map(() => failure);
    }
  };
  const flush = (): void => {
    for (const lane of lanes.values()) lane.flush();
  };
  const laneFor = (slot: number): Lane | null => {
    const assigned = laneOfSlot.get(slot);
    if (assigned !== undefined) return assigned.lane;
    const node = nodes.at(slot);
    if (node === null) return null;
    const lane =
      lanes.get(node) ??
      createLane({
        send: (items) => send(node, items),
        settled: settle,
        drained: () => void reroute(node),
      });
    lanes.set(node, lane);
    laneOfSlot.set(slot, { node, lane });
    return lane;
  };
  const dispatch = (item: Waiting): void => {
    const lane = laneFor(item.slot);
    if (lane === null) settle(item, noNode());
    else lane.push(item);
  };
  /** Gives what waits in a drained lane to the nodes that hold the slots by now. */
  const reroute = async (node: RedisNode): Promise<void> => {
    const lane = lanes.get(node);
    if (nodes.all().includes(node)) await delay(REDIRECT_PAUSE_MS);
    await nodes.refresh();
    lanes.delete(node);
    for (const [slot, assigned] of laneOfSlot) if (assigned.lane === lane) laneOfSlot.delete(slot);
    const redirectUntil = performance.now() + REDIRECT_TIMEOUT_MS;
    for (const item of lane?.empty() ?? []) {
      item.redirectUntil ??= redirectUntil;
      dispatch(item);
    }
    flush();
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      flush();
    });
  };

  return {
    publish(messages, fence) {
      if (closed) return Promise.reject(new BrokerUnavailableError("The broker was closed."));
      if (waitingChars > MAX_WAITING_CHARS) {
        return Promise.reject(
          new BrokerUnavailableError("Redis does not keep up with what is published; slow down."),
        );
      }
      if (messages.length === 0) return Promise.resolve([]);
      return new Promise((resolve, reject) => {
        const batch: Batch = {
          published: [],
          open: messages.length,
          fenced: null,
          failed: null,
          settle: () => {
            const failure = batch.fenced ?? batch.failed;
            if (failure === null) resolve(batch.published);
            else reject(failure);
          },
        };
        const newest = new Map<string, string>();
        for (const [index, message] of messages.entries()) {
          const idBefore = newest.get(message.topic) ?? null;
          newest.set(message.topic, message.id);
          waitingChars += charsOf(message);
          const slot = nodes.sharded ? slotOf(keys.meta(message.topic)) : 0;
          dispatch({ message, idBefore, slot, index, fence, batch, redirectUntil: null });
        }
        schedule();
      });
    },
    moved() {
      for (const [slot, { node, lane }] of laneOfSlot) if (nodes.at(slot) !== node) lane.hold();
    },
    close() {
      closed = true;
    },
  };
}
