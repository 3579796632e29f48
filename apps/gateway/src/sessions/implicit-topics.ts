import {
  accountTopic,
  address as addressSchema,
  BROADCAST_TOPIC,
  serverTopic,
  userTopic,
  type Topic,
} from "@commcoin/protocol";
import type { Connection } from "../connections/connection.ts";

/** The topics that the server joins for a new connection. */
export function implicitTopics(
  serverId: string,
  { origin, credentials }: Pick<Connection, "origin" | "credentials">,
): readonly Topic[] {
  const { userId } = origin;
  if (userId === null) return [BROADCAST_TOPIC, serverTopic(serverId)];
  // People see what happens to their wallets without asking.
  const named = addressSchema.safeParse(userId).success ? [userId] : [];
  const wallets = new Set([...named, ...(credentials?.wallets ?? [])]);
  return [BROADCAST_TOPIC, serverTopic(serverId), userTopic(userId), ...[...wallets].map(accountTopic)];
}
