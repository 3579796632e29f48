import { unsubscribedFrame } from "../frames/write-frames.ts";
import type { Handler } from "./handler.ts";

export const handleUnsubscribe: Handler<"unsubscribe"> = (context, connection, { id, data: { topic } }) => {
  const membership = connection.memberships.get(topic);
  if (membership === undefined) {
    context.refuse(connection, id, "not_subscribed", `This connection is not subscribed to ${topic}.`);
    return;
  }
  if (membership.implicit) {
    context.refuse(connection, id, "forbidden", `${topic} is joined by the server and cannot be left.`);
    return;
  }
  context.memberships.leave(connection, membership, () =>
    connection.socket.send(unsubscribedFrame(id, { topic })),
  );
};
