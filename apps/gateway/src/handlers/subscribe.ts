import type { RequestId, Topic } from "@commcoin/protocol";
import type { Connection } from "../connections/connection.ts";
import { subscribedFrame } from "../frames/write-frames.ts";
import { setConflation } from "../membership/conflation.ts";
import { REPLAY_RATE } from "../membership/replay-budget.ts";
import type { ReplayRequest } from "../topics/replay-plan.ts";
import { BusyError } from "../topics/concurrency-limiter.ts";
import type { Handler, HandlerContext } from "./handler.ts";
import { denyTopic, notWatched } from "./topic-access.ts";

/** Its messages replace each other: the newest of a token says everything. */
const CONFLATABLE_TOPIC = "market_data";

const TOO_MANY_JOINS = "Too many topics are being joined on this server. Try again later.";
const MEBIBYTE = 1_048_576;
const TOO_MUCH_PAST =
  "Too many past messages were sent to this connection. It may ask for " +
  `${REPLAY_RATE.burst / MEBIBYTE} MiB at once and ${REPLAY_RATE.perSecond / MEBIBYTE} MiB per second; try again later.`;

/** Each topic is answered by itself: one that is refused does not keep the others out. */
export const handleSubscribe: Handler<"subscribe"> = async (context, connection, { id, data }) => {
  if ("topics" in data) {
    await Promise.all(
      [...new Set(data.topics)].map((topic) => subscribe(context, connection, id, topic, {})),
    );
  } else {
    await subscribe(context, connection, id, data.topic, {
      since: data.since,
      last: data.last,
      conflate: data.conflate,
    });
  }
};

async function subscribe(
  context: HandlerContext,
  connection: Connection,
  id: RequestId | undefined,
  topic: Topic,
  { conflate, ...replay }: ReplayRequest & { readonly conflate?: boolean | undefined },
): Promise<void> {
  const denied = denyTopic(context, connection, topic);
  if (denied !== null) {
    context.refuse(connection, id, denied.code, denied.message);
    return;
  }
  if (!connection.memberships.has(topic) && connection.asked >= context.maxSubscriptions) {
    context.refuse(
      connection,
      id,
      "too_many_subscriptions",
      `A connection may be subscribed to ${context.maxSubscriptions} topics. Unsubscribe from one first.`,
    );
    return;
  }
  if (conflate === true && topic !== CONFLATABLE_TOPIC) {
    context.refuse(connection, id, "bad_message", `Only ${CONFLATABLE_TOPIC} can be conflated.`);
    return;
  }
  const wantsPast = replay.since !== undefined || replay.last !== undefined;
  if (wantsPast && !context.memberships.mayAskForPast(connection)) {
    context.refuse(connection, id, "rate_limited", TOO_MUCH_PAST);
    return;
  }
  const refused = connection.memberships.has(topic) ? null : context.quota.admit(connection, topic);
  if (refused !== null) {
    context.refuse(connection, id, refused.code, refused.message);
    return;
  }
  const request = { topic, implicit: false, ...replay };
  const joining = context.memberships.join(connection, [request], ([result]) => {
    if (result === undefined) return;
    const { recovered = false, replayed = 0, ...state } = result.state;
    connection.socket.send(subscribedFrame(id, { ...state, recovered, replayed }));
  });
  const joined = await joining.catch((error: unknown) => {
    if (error instanceof BusyError) return "busy" as const;
    throw error;
  });
  if (joined === "busy") {
    context.refuse(connection, id, "rate_limited", TOO_MANY_JOINS);
    return;
  }
  const membership = connection.memberships.get(topic);
  if (joined && membership === undefined) {
    const { code, message } = notWatched(context, topic);
    context.refuse(connection, id, code, message);
  } else if (joined && membership !== undefined && conflate !== undefined) {
    setConflation(connection, membership, conflate);
  } else if (!joined && !connection.closed) {
    context.refuse(connection, id, "not_subscribed", `${topic} was unsubscribed from before it was joined.`);
  }
}
