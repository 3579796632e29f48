import { MAX_TOPICS_TOLD, type ConnectionInfo } from "@commcoin/broker";
import type { Clock } from "@commcoin/service/lifecycle";
import type { Connection } from "../connections/connection.ts";
import type { Membership } from "../connections/membership.ts";

/**
 * Live messages of a topic that the connection received. They are counted nowhere, since that would cost something for
 * each of them: every live message moves the feed's position by one, and `next` is where the connection joined.
 */
const liveFrames = ({ state, feed, next, generation }: Membership): number =>
  state === "joined" && generation === feed.generation ? Math.max(0, feed.offset - next + 1) : 0;

/** What is told of a connection. Times are kept as monotonic ones and told as Unix ones. */
export function describeConnection(connection: Connection, serverId: string, clock: Clock): ConnectionInfo {
  const { id, origin, socket, connectedAt, lastSeenAt, memberships, framesIn } = connection;
  const toUnix = (monotonic: number): number => Math.round(clock.now() - clock.monotonic() + monotonic);
  let sent = socket.sent;
  const joined = memberships.all();
  for (const membership of joined) sent += liveFrames(membership);
  return {
    id,
    server_id: serverId,
    user_id: origin.userId,
    address: origin.address,
    user_agent: origin.userAgent,
    since: toUnix(connectedAt),
    last_seen: toUnix(lastSeenAt),
    topics: joined.slice(0, MAX_TOPICS_TOLD).map(({ feed }) => feed.topic),
    topic_count: joined.length,
    sent,
    received: framesIn,
    buffered: socket.buffered(),
  };
}
