import type {
  DownFrame,
  ErrorCode,
  EventFrame,
  Position,
  SubscriptionState,
  Topic,
  UpFrame,
} from "@commcoin/protocol";
import { connectedFrame, event } from "./machine.ts";

interface Log {
  epoch: number;
  /** Newest offset. */
  top: number;
  /** Oldest offset that can still be replayed. */
  oldest: number;
}

export interface Connection {
  readonly session: number;
  readonly joined: Set<Topic>;
  /** Frames on their way to the client. */
  readonly queue: DownFrame[];
  /** Requests on their way to the server. */
  readonly inbox: UpFrame[];
}

/** A server that keeps the protocol's promises per topic and breaks whatever else it can. */
export interface Adversary {
  connection: Connection | null;
  /** The next subscribe request is refused with it. */
  refusal: ErrorCode | null;
  /** The next connection is told where its topics are, not whether they resume. */
  forgetful: boolean;
  open(session: number, url: string): void;
  publish(topic: Topic, fault: "none" | "drop" | "duplicate"): void;
  reset(topic: Topic): void;
  trim(topic: Topic, messages: number): void;
  /** Handles the oldest request. @returns whether there was one. */
  process(): boolean;
  /** Exchanges two neighbours of different topics in the queue. */
  swap(index: number): void;
  position(topic: Topic): Position;
}

/** Which epoch a message really belongs to: the frame itself does not say. */
export const epochOf = (message: EventFrame): string => message.id.split("/")[0] ?? "";

const topicOf = (frame: DownFrame): Topic | null => {
  if ("offset" in frame) return frame.topic;
  return frame.type === "subscribed" || frame.type === "reset" ? frame.data.topic : null;
};

export function createAdversary(): Adversary {
  const logs = new Map<Topic, Log>();
  let connections = 0;
  const logOf = (topic: Topic): Log => {
    const log = logs.get(topic) ?? { epoch: 1, top: 0, oldest: 1 };
    logs.set(topic, log);
    return log;
  };
  const messageAt = (topic: Topic, offset: number): EventFrame =>
    event(topic, offset, `e${logOf(topic).epoch}/${offset}`);

  /** The past first, whole or not at all. */
  function join(
    topic: Topic,
    since: Position | undefined,
    last = 0,
  ): { state: SubscriptionState; replay: EventFrame[] } {
    const { epoch, top, oldest } = logOf(topic);
    const at = { topic, epoch: `e${epoch}`, offset: top };
    const from = since === undefined ? Math.max(oldest, top - last + 1) : since.offset + 1;
    const replay = Array.from({ length: Math.max(0, top - from + 1) }, (_, n) => messageAt(topic, from + n));
    const replayed = replay.length;
    if (since === undefined) return { state: { ...at, recovered: false, replayed }, replay };
    const reason =
      since.epoch !== at.epoch || since.offset > top ? "epoch_changed" : from < oldest ? "trimmed" : null;
    return reason === null
      ? { state: { ...at, recovered: true, replayed }, replay }
      : { state: { ...at, recovered: false, replayed: 0, reason }, replay: [] };
  }

  function parseSince(text: string): ReadonlyMap<Topic, Position> {
    const parts = text.split(",").filter((part) => part !== "");
    return new Map(
      parts.map((part) => {
        const [, topic = "", epoch = "", offset = ""] = /^(.*)@(.*):(\d+)$/.exec(part) ?? [];
        return [topic, { epoch, offset: Number(offset) }];
      }),
    );
  }

  const adversary: Adversary = {
    connection: null,
    refusal: null,
    forgetful: false,
    open(session, url) {
      connections += 1;
      const parameters = new URL(url).searchParams;
      const since = parseSince(adversary.forgetful ? "" : (parameters.get("since") ?? ""));
      adversary.forgetful = false;
      const asked = (parameters.get("subscriptions") ?? "").split(",").filter((topic) => topic !== "");
      const topics = new Set(["broadcast", `server:s${connections % 2}`, ...asked]);
      const joins = [...topics].map((topic) => ({
        since: since.get(topic),
        ...join(topic, since.get(topic)),
      }));
      const states = joins.map(({ since, state: { topic, epoch, offset, ...rest } }) =>
        since === undefined ? { topic, epoch, offset } : { topic, epoch, offset, ...rest },
      );
      const queue = [
        connectedFrame(states),
        ...joins.flatMap(({ since, replay }) => (since === undefined ? [] : replay)),
      ];
      adversary.connection = { session, joined: topics, queue, inbox: [] };
    },
    publish(topic, fault) {
      const log = logOf(topic);
      log.top += 1;
      const { connection } = adversary;
      if (connection?.joined.has(topic) !== true || fault === "drop") return;
      connection.queue.push(messageAt(topic, log.top));
      if (fault === "duplicate") connection.queue.push(messageAt(topic, log.top));
    },
    reset(topic) {
      const log = logOf(topic);
      Object.assign(log, { epoch: log.epoch + 1, top: 0, oldest: 1 });
      const { connection } = adversary;
      if (connection?.joined.has(topic) !== true) return;
      const data = { topic, epoch: `e${log.epoch}`, offset: 0, reason: "epoch_changed" };
      connection.queue.push({ type: "reset", data });
    },
    trim(topic, messages) {
      const log = logOf(topic);
      log.oldest = Math.min(log.top + 1, log.oldest + messages);
    },
    process() {
      const { connection, refusal } = adversary;
      const request = connection?.inbox.shift();
      if (connection === null || request === undefined) return false;
      const id = request.id === undefined ? {} : { id: request.id };
      if (request.type === "ping") {
        connection.queue.push({ type: "pong", ...id, data: {} });
      } else if (request.type === "unsubscribe") {
        connection.joined.delete(request.data.topic);
        connection.queue.push({ type: "unsubscribed", ...id, data: request.data });
      } else if (request.type === "subscribe" && "topic" in request.data) {
        const { topic, since, last } = request.data;
        if (refusal !== null) {
          adversary.refusal = null;
          connection.queue.push({ type: "error", ...id, data: { code: refusal, message: "refused" } });
          return true;
        }
        const { state, replay } = join(topic, since, last);
        const data = { ...state, recovered: state.recovered ?? false, replayed: replay.length };
        connection.joined.add(topic);
        connection.queue.push({ type: "subscribed", ...id, data }, ...replay);
      }
      return true;
    },
    swap(index) {
      const queue = adversary.connection?.queue ?? [];
      const [first, second] = [queue[index], queue[index + 1]];
      if (first === undefined || second === undefined) return;
      if (first.type === "connected" || topicOf(first) === topicOf(second)) return;
      queue[index] = second;
      queue[index + 1] = first;
    },
    position(topic) {
      const { epoch, top } = logOf(topic);
      return { epoch: `e${epoch}`, offset: top };
    },
  };
  return adversary;
}
