import type { Broker, History } from "@commcoin/broker";
import {
  epoch,
  eventFrame,
  HISTORY_LIMIT_MAX,
  offset,
  parsePosition,
  topic as topicName,
} from "@commcoin/protocol";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Guard } from "../access/guard.ts";
import { inputErrors, OPEN_TO_LOCAL } from "./documentation.ts";

const DEFAULT_LIMIT = 100;

const querystring = z.object({
  since: z
    .string()
    .transform((text, context) => {
      const position = parsePosition(text);
      if (position !== null) return position;
      context.addIssue({ code: "custom", message: "must be a position: epoch:offset" });
      return z.NEVER;
    })
    .optional()
    .describe("Position epoch:offset; what came after it, the oldest first. Without it, the newest messages"),
  limit: z.coerce.number().int().min(1).max(HISTORY_LIMIT_MAX).default(DEFAULT_LIMIT),
});

/** Exported for tests: the answer is written from the stored frames, without this schema. */
export const topicHistory = z
  .object({
    topic: topicName,
    epoch,
    offset: offset.describe("Newest offset of the topic"),
    recovered: z.boolean().describe("False when messages after `since` are gone; `messages` is empty then"),
    reason: z.enum(["epoch_changed", "trimmed"]).optional(),
    more: z.boolean().describe("Whether there are newer messages than the last of these"),
    messages: z.array(eventFrame),
  })
  .describe("Messages in the order of their offsets, and where the topic stands");

/** Frames are stored as JSON text: they are copied into the answer as they are. */
function writeHistory(topic: string, { position, unrecovered, more, deliveries }: History): Buffer {
  const head = JSON.stringify({
    topic,
    epoch: position.epoch,
    offset: position.offset,
    recovered: unrecovered === null,
    ...(unrecovered !== null && { reason: unrecovered }),
    more,
  });
  const frames = deliveries.flatMap(({ frame }, index) =>
    index === 0 ? [frame] : [Buffer.from(","), frame],
  );
  return Buffer.concat([Buffer.from(`${head.slice(0, -1)},"messages":[`), ...frames, Buffer.from("]}")]);
}

interface TopicHistoryRoutesOptions {
  readonly broker: Broker;
  readonly guard: Guard;
}

export const topicHistoryRoutes: FastifyPluginAsyncZod<TopicHistoryRoutesOptions> = async (app, options) => {
  const { broker, guard } = options;
  app.get("/api/topics/:topic/history", {
    onRequest: guard.read,
    schema: {
      operationId: "getTopicHistory",
      tags: ["messages"],
      summary: "Messages that a topic keeps",
      security: OPEN_TO_LOCAL,
      params: z.object({ topic: topicName }),
      querystring,
      response: { 200: topicHistory, ...inputErrors },
    },
    handler: async ({ params: { topic }, query: { since, limit } }, reply) => {
      const history = await broker.history(topic, since === undefined ? { last: limit } : { since, limit });
      // A buffer is sent as it is, past the serializer that the response schema would bring.
      return reply.type("application/json; charset=utf-8").send(writeHistory(topic, history) as never);
    },
  });
};
