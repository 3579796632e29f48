import type { Broker, PresenceEvent } from "@commcoin/broker";
import type { Logger } from "@commcoin/service/telemetry";
import { createPresenceHolder } from "./presence-holder.ts";
import { createSharedCounts, type SharedCounts } from "./shared-counts.ts";
import { createUserActivityPublisher, type UserActivityPublisher } from "./user-activity.ts";

/** What all gateways together know of the users of this one. */
export interface ClusterUsers {
  readonly activity: UserActivityPublisher;
  readonly counts: SharedCounts;
  /** To be called when the broker is back: it may have lost what it acknowledged last. */
  brokerIsBack(): void;
}

export function createClusterUsers({
  broker,
  serverId,
  onPublished,
  now,
  log,
  signal,
}: {
  readonly broker: Pick<Broker, "users" | "publish" | "problem">;
  readonly serverId: string;
  readonly onPublished: (activity: PresenceEvent["activity_type"], count: number) => void;
  readonly now: () => number;
  readonly log: Logger;
  /** Aborts when the gateway stops. */
  readonly signal: AbortSignal;
}): ClusterUsers {
  const { users } = broker;
  const holder = createPresenceHolder({ users, serverId, now, log });
  const isAway = (): boolean => broker.problem() !== null;
  return {
    activity: createUserActivityPublisher({ broker, holder, onPublished, now, log }),
    counts: createSharedCounts({ users, holder, isAway, now, log, signal }),
    brokerIsBack: () => holder.renew(),
  };
}
