import type { EventFrame, Position } from "@commcoin/protocol";
import { useEffect, useState } from "preact/hooks";
import { persist, repeat } from "../api/again.ts";
import { read, wordsOf } from "../api/request.ts";
import type { TopicHistory } from "../api/types.ts";
import { addToTail, MAX_TAIL } from "../tail.ts";
import { inTurns } from "./in-turns.ts";
import { readKept } from "./kept-messages.ts";
import { follow } from "./live.ts";

const RETRY_MS = 3_000;
/** How often a topic is asked for that gateways give to its user only. */
const POLL_MS = 1_500;

export interface TopicTail {
  /** Oldest first; undefined until the first answer. */
  readonly messages: readonly EventFrame[] | undefined;
  readonly position: Position | null;
  readonly error: string | null;
  /** Why messages are missing before the newest ones; null when none are. */
  readonly lost: string | null;
}

const beginning: TopicTail = { messages: undefined, position: null, error: null, lost: null };
type Update = (change: (before: TopicTail) => TopicTail) => void;

const add =
  (messages: readonly EventFrame[], position: Position) =>
  (before: TopicTail): TopicTail => ({
    ...before,
    messages: addToTail(before.messages ?? [], messages),
    position,
    error: null,
  });

/** Asks the admin API for what is new, again and again, but not while the page is hidden. */
function pollTopic(topic: string, from: Position, update: Update, ended: AbortSignal): void {
  let since = from;
  const ask = async (): Promise<void> => {
    try {
      const path = `/api/topics/${encodeURIComponent(topic)}/history?since=${since.epoch}:${since.offset}`;
      const history = await read<TopicHistory>(path, ended);
      const messages = history.messages as readonly EventFrame[];
      const reached = history.more ? (messages.at(-1)?.offset ?? history.offset) : history.offset;
      since = { epoch: history.epoch, offset: reached };
      update(add(messages, since));
      if (!history.recovered) update((before) => ({ ...before, lost: history.reason ?? "unknown" }));
    } catch (error) {
      update((before) => ({ ...before, error: wordsOf(error) }));
    }
  };
  void repeat(ask, POLL_MS, ended);
}

/** What a topic keeps, and then whatever comes: from a gateway, or from the admin API where gateways do not give it. */
export function useTopicTail(topic: string): TopicTail {
  const [tail, setTail] = useState(beginning);
  useEffect(() => {
    const ended = new AbortController();
    const update: Update = (change) => {
      if (!ended.signal.aborted) setTail(change);
    };
    let leave = (): void => undefined;
    const begin = async (): Promise<void> => {
      const { messages, position } = await readKept(topic, ended.signal, 1);
      if (ended.signal.aborted) return;
      update(add(messages, position));
      let arrived: EventFrame[] = [];
      const show = inTurns(() => {
        const messages = arrived;
        arrived = [];
        update((before) => {
          const epoch = before.position?.epoch ?? position.epoch;
          return add(messages, { epoch, offset: messages.at(-1)?.offset ?? 0 })(before);
        });
      });
      const take = (message: EventFrame): void => {
        arrived.push(message);
        // As many as are shown: a page that is hidden for days does not keep all of them.
        if (arrived.length > MAX_TAIL) arrived.shift();
        show();
      };
      leave = follow(topic, take, {
        since: position,
        onLost: (lost) => update((before) => ({ ...before, lost })),
        onRefused: () => pollTopic(topic, position, update, ended.signal),
      });
    };
    const failed = (error: unknown): void => update((before) => ({ ...before, error: wordsOf(error) }));
    void persist(begin, failed, RETRY_MS, ended.signal);
    return () => {
      ended.abort();
      leave();
    };
  }, [topic]);
  return tail;
}
