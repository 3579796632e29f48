import type { Broker, OutgoingMessage, PresenceEvent } from "@commcoin/broker";
import { userTopic, type UserActivity } from "@commcoin/protocol";

/** What is taken over of gateways that died at a time; the rest follows with the next time. */
const MAX_SWEEPS = 20;

const USER_ACTIVITY_TOPIC = "user_activity";

/** Publishes what the broker found out about users. */
export interface PresenceEvents {
  /** Publishes, and confirms to the broker, which keeps an event until then. */
  publish(events: readonly PresenceEvent[]): Promise<void>;
  /** Lets the users go that gateways held which died, and publishes what nobody confirmed. */
  takeOver(): Promise<void>;
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

export function createPresenceEvents({
  broker,
  onPublished,
}: {
  readonly broker: Pick<Broker, "users" | "publish">;
  readonly onPublished: (activity: PresenceEvent["activity_type"], count: number) => void;
}): PresenceEvents {
  const publish = async (events: readonly PresenceEvent[]): Promise<void> => {
    if (events.length === 0) return;
    await broker.publish(events.flatMap(messagesOf));
    await broker.users.confirm(events);
    for (const activity of ["connected", "disconnected"] as const) {
      const count = events.filter(({ activity_type }) => activity_type === activity).length;
      if (count > 0) onPublished(activity, count);
    }
  };
  return {
    publish,
    async takeOver() {
      let more = true;
      for (let step = 0; more && step < MAX_SWEEPS; step += 1) {
        const part = await broker.users.sweep();
        await publish(part.events);
        ({ more } = part);
      }
    },
  };
}
