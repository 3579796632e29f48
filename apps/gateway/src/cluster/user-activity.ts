import type { Broker, PresenceEvent } from "@commcoin/broker";
import type { Logger } from "@commcoin/service/telemetry";
import { createPresenceEvents } from "./presence-events.ts";
import { KEEP_INTERVAL_MS, type PresenceHolder } from "./presence-holder.ts";
import { createUserTracker, type UserChanges } from "./user-tracker.ts";

/**
 * How long a user may be without a connection and still count as connected: a page that is reloaded is back within a
 * second, and so is a client that finds another gateway after the first delay of its back-off.
 */
export const RETURN_GRACE_MS = 1_500;
/** Changes are published so often, many at a time. */
const PUBLISH_INTERVAL_MS = 250;

/** Publishes `UserActivity` when the first connection of a user to the cluster opens and when the last one is gone. */
export interface UserActivityPublisher {
  came(userId: string): void;
  left(userId: string): void;
  /** From now on clients may be away for so much longer, because they were asked to wait. */
  extendGrace(ms: number): void;
  start(): void;
  /** Hands the users that are still held to the other gateways; tells that they left if there is none. Never rejects. */
  stop(): Promise<void>;
}

export function createUserActivityPublisher({
  broker,
  holder,
  now,
  onPublished,
  log,
}: {
  readonly broker: Pick<Broker, "users" | "publish">;
  readonly holder: PresenceHolder;
  readonly now: () => number;
  readonly onPublished: (activity: PresenceEvent["activity_type"], count: number) => void;
  readonly log: Logger;
}): UserActivityPublisher {
  const { users } = broker;
  const events = createPresenceEvents({ broker, onPublished });
  /** Time beyond the usual one that clients were asked to wait before they come back. */
  let extraGraceMs = 0;
  const graceMs = (): number => RETURN_GRACE_MS + extraGraceMs;
  const tracker = createUserTracker({ graceMs, now });
  /** Names that this gateway had before, under which users are held that are not declared anew yet. */
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

  /** @returns whether everything is published, under the name that the gateway still has. */
  const change = async (name: string, changes: UserChanges): Promise<boolean> => {
    if (changes.came.length === 0 && changes.left.length === 0) return true;
    let found: readonly PresenceEvent[] | null = null;
    try {
      found = await users.change(name, changes);
    } finally {
      // Under another name meanwhile, nothing is published yet.
      if (holder.name === name) tracker.settle(changes, found !== null);
    }
    if (found === null) {
      holder.lost();
      return false;
    }
    await events.publish(found);
    return holder.name === name;
  };
  const publishChanges = async (): Promise<void> => {
    const name = await holder.current();
    // Before anybody is let go: who is held anew neither left nor came.
    if (!(await change(name, tracker.due()))) return;
    for (const former of formers) {
      await users.leave(former, graceMs());
      formers.delete(former);
    }
    if (now() - sweptAt >= KEEP_INTERVAL_MS) {
      sweptAt = now();
      await events.takeOver();
    }
  };
  const tryPublish = async (): Promise<void> => {
    try {
      await publishChanges();
      if (failing) log.info("user activity is published again");
      failing = false;
    } catch (error) {
      if (!failing) log.warn({ err: error }, "user activity cannot be published at present; it will be");
      failing = true;
    }
  };
  const publishSoon = (): void => {
    running ??= tryPublish().finally(() => {
      running = null;
    });
  };

  return {
    came: tracker.came,
    left: tracker.left,
    extendGrace(ms) {
      extraGraceMs = ms;
    },
    start() {
      publishSoon();
      timer = setInterval(publishSoon, PUBLISH_INTERVAL_MS);
    },
    async stop() {
      clearInterval(timer);
      await running;
      const { name } = holder;
      if (name === null) return;
      try {
        if (await users.leave(name, graceMs())) return;
        await users.leave(name, 0);
        await events.takeOver();
      } catch (error) {
        log.debug({ err: error }, "could not hand over the users; the next gateway finds them");
      }
    },
  };
}
