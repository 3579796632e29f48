import { BROADCAST_TOPIC, serverTopic, topic, userId, userTopic, type Topic } from "@commcoin/protocol";
import { z } from "zod";
import { serverId } from "./server-id.ts";

/** Who receives a message that is published through the API. */
export const broadcastTarget = z
  .union(
    [
      z.strictObject({ all: z.literal(true) }).describe("Every connection of the cluster"),
      z.strictObject({ topic }).describe("Everybody who subscribed to a topic"),
      z.strictObject({ user_id: userId }).describe("Every connection of one user"),
      z.strictObject({ server_id: serverId }).describe("Every connection of one gateway"),
    ],
    'must be exactly one of {"all": true}, {"topic": …}, {"user_id": …}, {"server_id": …}',
  )
  .describe("Who receives it");
export type BroadcastTarget = z.infer<typeof broadcastTarget>;

export type TargetKind = "all" | "topic" | "user_id" | "server_id";

/** Targeting only picks the topic: every delivery is a topic with positions. */
export function resolveTarget(target: BroadcastTarget): { readonly kind: TargetKind; readonly topic: Topic } {
  if ("all" in target) return { kind: "all", topic: BROADCAST_TOPIC };
  if ("topic" in target) return { kind: "topic", topic: target.topic };
  if ("user_id" in target) return { kind: "user_id", topic: userTopic(target.user_id) };
  return { kind: "server_id", topic: serverTopic(target.server_id) };
}
