import type { Broker, OutgoingMessage, PresenceEvent } from "@commcoin/broker";
import { userTopic, type UserActivity } from "@commcoin/protocol";
import type { Logger } from "@commcoin/service/telemetry";
import { KEEP_INTERVAL_MS, type PresenceHolder } from "./presence-holder.ts";
import { createUserTracker, type UserChanges } from "./user-tracker.ts";

/**
 * How long a user may be without a connection and still count as connected: a page that is reloaded is back within a
 * second, and so is a client that finds another gateway after the first delay of its back-off.
 */
export const RETURN_GRACE_MS = 1_500;
/** Changes are told so often, many at a time. */
const TURN_MS = 250;
/** What one turn takes over of gateways that died; the rest follows with the next one. */
const SWEEPS_PER_TURN = 20;

const USER_ACTIVITY_TOPIC = "user_activity";

/** Publishes `UserActivity` when the first connection of a user to the cluster opens and when the last one is gone. */
export interface UserActivityPublisher {
  came(userId: string): void;
  left(userId: string): void;
  start(): void;
  /** Hands the users that are still held to the other gateways; tells that they left if there is none. Never rejects. */
  stop(): Promise<void>;
}

const messagesOf = ({ id, user_id, activity_type, ts }: PresenceEvent): readonly OutgoingMessage[] => {
  const data: UserActivity = { user_id, activity_type, data: {} };
  return [USER_ACTIVITY_TOPIC, userTopic(user_id)].map((topic) => ({
    topic,
    type: "UserActivity",
    id,
    ts,
    data,
  }));
};

export function createUserActivityPublisher({
  broker,
  holder,
  extraGraceMs,
  now,
  onPublished,
  log,
}: {
  readonly broker: Pick<Broker, "users" | "publish">;
  readonly holder: PresenceHolder;
  /** Time beyond the usual one that clients were asked to wait before they come back. */
  readonly extraGraceMs: () => number;
  readonly now: () => number;
  readonly onPublished: (activity: PresenceEvent["activity_type"], count: number) => void;
  readonly log: Logger;
}): UserActivityPublisher {
  const { users } = broker;
  const graceMs = (): number => RETURN_GRACE_MS + extraGraceMs();
  const tracker = createUserTracker({ graceMs, now });
  /** Names that this gateway had before, under which the users are held that are not told anew yet. */
  const formers = new Set<string>();
  let sweptAt = now();
  holder.onReplaced((former) => {
    tracker.restart();
    formers.add(former);
    // The others may be about to come back as well: they are not to be found dead before.
    sweptAt = now();
  });
  let failing = false;
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  const publish = async (events: readonly PresenceEvent[]): Promise<void> => {
    if (events.length === 0) return;
    await broker.publish(events.flatMap(messagesOf));
    await users.confirm(events);
    for (const activity of ["connected", "disconnected"] as const) {
      const count = events.filter(({ activity_type }) => activity_type === activity).length;
      if (count > 0) onPublished(activity, count);
    }
  };
  const sweep = async (): Promise<void> => {
    let more = true;
    for (let step = 0; more && step < SWEEPS_PER_TURN; step += 1) {
      const part = await users.sweep();
      await publish(part.events);
      ({ more } = part);
    }
  };
  /** @returns whether everything is told, under the name that the gateway still has. */
  const change = async (name: string, changes: UserChanges): Promise<boolean> => {
    if (changes.came.length === 0 && changes.left.length === 0) return true;
    let events: readonly PresenceEvent[] | null = null;
    try {
      events = await users.change(name, changes);
    } finally {
      // Under another name meanwhile, nothing is told yet.
      if (holder.name === name) tracker.settle(changes, events !== null);
    }
    if (events === null) {
      holder.lost();
      return false;
    }
    await publish(events);
    return holder.name === name;
  };
  const tell = async (): Promise<void> => {
    const name = await holder.current();
    // Before anybody is let go: who is held anew neither left nor came.
    if (!(await change(name, tracker.due()))) return;
    for (const former of formers) {
      await users.leave(former, graceMs());
      formers.delete(former);
    }
    if (now() - sweptAt >= KEEP_INTERVAL_MS) {
      sweptAt = now();
      await sweep();
    }
  };
  const turn = async (): Promise<void> => {
    try {
      await tell();
      if (failing) log.info("user activity is told again");
      failing = false;
    } catch (error) {
      if (!failing) log.warn({ err: error }, "user activity cannot be told at present; it will be");
      failing = true;
    }
  };
  const turnSoon = (): void => {
    running ??= turn().finally(() => {
      running = null;
    });
  };

  return {
    came: tracker.came,
    left: tracker.left,
    start() {
      turnSoon();
      timer = setInterval(turnSoon, TURN_MS);
    },
    async stop() {
      clearInterval(timer);
      await running;
      const { name } = holder;
      if (name === null) return;
      try {
        if (await users.leave(name, graceMs())) return;
        await users.leave(name, 0);
        await sweep();
      } catch (error) {
        log.debug({ err: error }, "could not hand over the users; the next gateway finds them");
      }
    },
  };
}
