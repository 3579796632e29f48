import type { SubscriptionState } from "@commcoin/protocol";
import type { Connection } from "../connections/connection.ts";
import type { Connections } from "../connections/connections.ts";
import type { Membership } from "../connections/membership.ts";
import type { AccountDemand } from "../demand/account-demand.ts";
import type { ReplayPlan, ReplayRequest } from "../topics/replay-plan.ts";
import type { TopicFeed } from "../topics/topic-feed.ts";
import type { TopicFeeds } from "../topics/topic-feeds.ts";
import { changeMembership } from "./change-membership.ts";
import { whenPrepared, type Pause } from "./prepare.ts";
import { mayAskForPast } from "./replay-budget.ts";
import { ReplayScheduler } from "./replay-scheduler.ts";

/** One topic to join. */
export interface JoinRequest extends ReplayRequest {
  readonly topic: string;
  readonly implicit: boolean;
}

export interface JoinResult {
  readonly state: SubscriptionState;
  /** Whether the past was asked for. */
  readonly resumed: boolean;
}

export type RecoveryObserver = (source: "memory" | "broker", outcome: string) => void;

/** Brings connections into topics and out again. */
export interface Memberships {
  /**
   * Joins topics, each once however often it is asked for. As soon as all of them can be joined, `acknowledge` runs
   * with what the client has to be told first; past frames and then live ones follow in the same iteration. Accounts that
   * cannot be watched are left out: the connection is not in their topics then.
   * @returns false when the connection closed or left the topics before.
   * @throws when the broker cannot be reached; the connection is in none of the topics then that it was not in before.
   */
  join(
    connection: Connection,
    requests: readonly JoinRequest[],
    acknowledge: (results: readonly JoinResult[]) => void,
  ): Promise<boolean>;
  /** Leaves a topic after `acknowledge` has sent something, which also brings out what was published before. */
  leave(connection: Connection, membership: Membership, acknowledge: () => void): void;
  /** For a connection that is gone. */
  leaveAll(connection: Connection): void;
  /** Goes on with replays that paused. To be called whenever the socket drained. */
  resume(connection: Connection): void;
  /** Whether a connection may ask for the past of a topic by now. */
  mayAskForPast(connection: Connection): boolean;
}

/** A topic that is being joined. */
interface Join extends ReplayRequest {
  readonly membership: Membership;
  readonly feed: TopicFeed;
}

/** What a joining client gets of a topic. */
interface PlannedJoin extends JoinResult {
  readonly membership: Membership;
  readonly plan: ReplayPlan;
}

export function createMemberships({
  feeds,
  connections,
  onRecovery,
  accounts,
  now,
  pause,
}: {
  readonly feeds: TopicFeeds;
  readonly connections: Connections;
  readonly onRecovery: RecoveryObserver;
  readonly accounts: Pick<AccountDemand, "admit">;
  readonly now: () => number;
  readonly pause?: Pause;
}): Memberships {
  const replays = new ReplayScheduler(now);

  const enter = (connection: Connection, { topic, implicit, since, last }: JoinRequest): Join => {
    const present = connection.memberships.get(topic);
    if (present !== undefined) return { membership: present, feed: present.feed, since, last };
    // The feed's own text: the one that came with the request would be kept alive once per connection.
    const feed = feeds.enter(topic, { implicit });
    const membership: Membership = {
      feed,
      implicit,
      state: "waiting",
      conflated: null,
      next: 0,
      generation: 0,
      page: null,
    };
    connection.memberships.add(membership);
    if (!implicit) connections.changeSubscriptions(connection, 1);
    return { membership, feed, since, last };
  };
  const release = (connection: Connection, membership: Membership): void => {
    changeMembership(connection, membership, "leave");
    if (membership.conflated !== null) membership.feed.conflated.remove(membership.conflated);
    feeds.leave(membership.feed);
  };
  const forget = (connection: Connection, membership: Membership): void => {
    if (!connection.memberships.remove(membership)) return;
    if (!membership.implicit) connections.changeSubscriptions(connection, -1);
    release(connection, membership);
  };
  /** Takes out again what could not be joined; what was joined before stays. */
  const withdraw = (connection: Connection, joins: readonly Join[]): void => {
    for (const { membership } of joins) if (membership.state === "waiting") forget(connection, membership);
  };

  return {
    async join(connection, requests, acknowledge) {
      if (connection.closed) return false;
      let joins: readonly Join[] = requests.map((request) => enter(connection, request));
      const isCurrent = (): boolean =>
        !connection.closed && joins.every(({ membership }) => membership.state !== "left");
      let source: "memory" | "broker" = "broker";
      let joined = false;
      const commit = (): void => {
        joined = true;
        const planned = joins.map(planJoin);
        connection.socket.batch(() => {
          acknowledge(planned);
          for (const each of planned) {
            if (each.resumed) onRecovery(source, outcomeOf(each.plan));
            follow(connection, each);
          }
          replays.resume(connection);
        });
      };
      try {
        const asked = accounts.admit(joins.map(({ feed }) => feed.topic));
        if (asked !== null) {
          const refused = await asked;
          withdraw(
            connection,
            joins.filter(({ feed }) => refused.has(feed.topic)),
          );
          joins = joins.filter(({ feed }) => !refused.has(feed.topic));
          if (!isCurrent()) return false;
        }
        if (joins.every((join) => join.feed.plan(join) !== null)) source = "memory";
        await whenPrepared(joins, isCurrent, commit, pause);
      } catch (error) {
        withdraw(connection, joins);
        throw error;
      }
      return joined;
    },
    leave(connection, membership, acknowledge) {
      acknowledge();
      forget(connection, membership);
    },
    leaveAll(connection) {
      for (const membership of connection.memberships.all()) release(connection, membership);
      connection.memberships.clear();
    },
    resume: (connection) => replays.resume(connection),
    mayAskForPast: (connection) => mayAskForPast(connection, now()),
  };
}

function planJoin({ membership, feed, since, last }: Join): PlannedJoin {
  const plan = feed.plan({ since, last });
  if (plan === null) throw new Error(`${feed.topic} was prepared and is not.`);
  const { topic, epoch, offset } = feed;
  return {
    membership,
    plan,
    state: { topic, epoch, offset, ...plan.state },
    resumed: since !== undefined || last !== undefined,
  };
}

function outcomeOf({ state: { recovered, reason } }: ReplayPlan): string {
  return reason ?? (recovered ? "recovered" : "last");
}

/** Lets a membership go on from where the client was told to be. */
function follow(connection: Connection, { membership, plan, resumed }: PlannedJoin): void {
  // The acknowledgement may have closed the connection: it has left then.
  const replays = plan.from <= membership.feed.offset;
  const event = replays ? "replay" : resumed ? "resume" : "join";
  changeMembership(connection, membership, event, plan.from);
}
