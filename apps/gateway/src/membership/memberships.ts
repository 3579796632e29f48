import type { SubscriptionState } from "@commcoin/protocol";
import type { Connection, Membership } from "../connections/connection.ts";
import type { AccountDemand } from "../demand/account-demand.ts";
import type { Connections } from "../connections/connections.ts";
import type { ReplayPlan, ReplayWish } from "../topics/replay-plan.ts";
import type { TopicFeeds } from "../topics/topic-feeds.ts";
import { whenPrepared, type Pause } from "./prepare.ts";
import { createReplays, type Replays } from "./replay.ts";

/** One topic to join. */
export interface JoinRequest extends ReplayWish {
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
   * with what the client has to be told first; past frames and then live ones follow in the same turn. Accounts that
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
  readonly resume: Replays["resume"];
  /** Whether a connection may ask for the past of a topic by now. */
  readonly mayAskForPast: Replays["mayAsk"];
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
  const replays = createReplays(now);
  const enter = (connection: Connection, { topic, implicit }: JoinRequest): Membership => {
    const present = connection.memberships.get(topic);
    if (present !== undefined) return present;
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
    // The feed's own text: the one that came with the request would be kept alive once per connection.
    connection.memberships.add(membership);
    if (!implicit) connections.changeAsked(connection, 1);
    return membership;
  };
  const forget = (connection: Connection, membership: Membership): void => {
    const { feed, implicit } = membership;
    if (!connection.memberships.remove(membership)) return;
    if (!implicit) connections.changeAsked(connection, -1);
    replays.stop(connection, membership);
    if (membership.conflated !== null) feed.removeConflated(membership.conflated);
    if (membership.state === "joined") feed.joined -= 1;
    feeds.leave(feed);
  };

  const forgetCurrent = (connection: Connection, membership: Membership): void => {
    if (membership.state !== "waiting") return;
    if (connection.memberships.get(membership.feed.topic) === membership) forget(connection, membership);
  };

  return {
    async join(connection, requests, acknowledge) {
      if (connection.closed) return false;
      let wishes = requests.map((request) => {
        const membership = enter(connection, request);
        const { since, last } = request;
        return { membership, feed: membership.feed, since, last };
      });
      const isCurrent = (): boolean =>
        !connection.closed &&
        wishes.every(({ membership, feed }) => connection.memberships.get(feed.topic) === membership);
      let source: "memory" | "broker" = "broker";
      let joined = false;
      const commit = (): void => {
        joined = true;
        const planned = wishes.map((wish) => {
          const plan = wish.feed.plan(wish);
          if (plan === null) throw new Error(`${wish.feed.topic} was prepared and is not.`);
          return { ...wish, plan, resumed: wish.since !== undefined || wish.last !== undefined };
        });
        connection.socket.batch(() => {
          acknowledge(planned.map(({ feed, plan, resumed }) => ({ state: stateOf(feed, plan), resumed })));
          for (const { membership, plan, resumed } of planned) {
            if (resumed) onRecovery(source, outcomeOf(plan));
            follow(replays, connection, membership, plan, resumed);
          }
        });
      };
      try {
        const asked = accounts.admit(wishes.map(({ feed }) => feed.topic));
        if (asked !== null) {
          const refused = await asked;
          const isRefused = ({ feed }: (typeof wishes)[number]): boolean => refused.has(feed.topic);
          for (const wish of wishes) if (isRefused(wish)) forgetCurrent(connection, wish.membership);
          wishes = wishes.filter((wish) => !isRefused(wish));
          if (!isCurrent()) return false;
        }
        if (wishes.every((wish) => wish.feed.plan(wish) !== null)) source = "memory";
        await whenPrepared(wishes, isCurrent, commit, pause);
      } catch (error) {
        for (const { membership } of wishes) forgetCurrent(connection, membership);
        throw error;
      }
      return joined;
    },
    leave(connection, membership, acknowledge) {
      acknowledge();
      connection.socket.leave(membership.feed.topic);
      forget(connection, membership);
    },
    leaveAll(connection) {
      for (const membership of connection.memberships.all()) {
        replays.stop(connection, membership);
        if (membership.conflated !== null) membership.feed.removeConflated(membership.conflated);
        if (membership.state === "joined") membership.feed.joined -= 1;
        feeds.leave(membership.feed);
      }
      connection.memberships.clear();
    },
    resume: (connection) => replays.resume(connection),
    mayAskForPast: (connection) => replays.mayAsk(connection),
  };
}

const stateOf = (
  { topic, epoch, offset }: { readonly topic: string; readonly epoch: string; readonly offset: number },
  { state }: ReplayPlan,
): SubscriptionState => ({ topic, epoch, offset, ...state });

const outcomeOf = ({ state: { recovered, reason } }: ReplayPlan): string =>
  reason ?? (recovered ? "recovered" : "last");

/** Replays and joins. One that is in the topic already leaves it for the replay, so that nothing overtakes it. */
function follow(
  replays: Replays,
  connection: Connection,
  membership: Membership,
  plan: ReplayPlan,
  resumed: boolean,
): void {
  // The acknowledgement may have closed the connection.
  if (connection.closed) return;
  const { feed } = membership;
  if (membership.state === "joined") {
    if (plan.from > feed.offset) return;
    // The acknowledgement was sent in this turn: what was published before is out.
    connection.socket.leave(feed.topic);
    feed.joined -= 1;
  }
  // A replay that is on its way goes on, unless the client now says where it stands.
  if (membership.state === "replaying" && !resumed) return;
  // What it lacked is before the position that it was just told.
  if (membership.state === "conflating" && !resumed) {
    membership.next = feed.offset + 1;
    return;
  }
  replays.stop(connection, membership);
  replays.start(connection, membership, plan.from);
}
