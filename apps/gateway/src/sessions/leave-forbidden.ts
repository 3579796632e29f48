import type { Connection } from "../connections/connection.ts";
import { unsubscribedFrame } from "../frames/write-frames.ts";
import { allowsTopic } from "../identity/identity.ts";
import type { Memberships } from "../membership/memberships.ts";

/** Takes a connection out of the topics that its credentials do not allow: a new token may allow less than the one before. */
export function leaveForbidden(memberships: Pick<Memberships, "leave">, connection: Connection): void {
  const rules = connection.credentials?.topics ?? null;
  for (const membership of connection.memberships.all()) {
    const { topic } = membership.feed;
    if (membership.implicit || allowsTopic(rules, topic)) continue;
    memberships.leave(connection, membership, () =>
      connection.socket.send(unsubscribedFrame(undefined, { topic })),
    );
  }
}
