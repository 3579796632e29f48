import type { Broker, Delivery, History } from "@commcoin/broker";
import {
  epoch,
  eventFrame,
  HISTORY_LIMIT_MAX,
  offset,
  parsePosition,
  topic as topicName,
  type Position,
} from "@commcoin/protocol";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Guard } from "../access/guard.ts";
import { inputErrors, OPEN_TO_LOCAL } from "./documentation.ts";

const DEFAULT_LIMIT = 100;
/** Of the messages of one answer, unless a single one is larger. */
const MAX_BYTES = 1_048_576;

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
    next: z
      .string()
      .nullable()
      .describe("Position of the last of these, to go on from with `since`; null when there is none"),
    cut: z
      .boolean()
      .describe(
        "Whether there are fewer messages than `limit` because more would be over 1 MiB: with `since` the rest comes after `next`, without it what is missing is older",
      ),
    messages: z.array(eventFrame),
  })
  .describe("Messages in the order of their offsets, and where the topic stands");

/** Frames are stored as JSON text: they are copied into the answer as they are. */
function writeHistory(
  topic: string,
  { position, unrecovered, more, deliveries }: History,
  cut: boolean,
): Buffer {
  const last = deliveries.at(-1);
  const head = JSON.stringify({
    topic,
    epoch: position.epoch,
    offset: position.offset,
    recovered: unrecovered === null,
    ...(unrecovered !== null && { reason: unrecovered }),
    more,
    next: last === undefined ? null : `${last.epoch}:${last.offset}`,
    cut,
  });
  const frames = deliveries.flatMap(({ frame }, index) =>
    index === 0 ? [frame] : [Buffer.from(","), frame],
  );
  return Buffer.concat([Buffer.from(`${head.slice(0, -1)},"messages":[`), ...frames, Buffer.from("]}")]);
}

/** Whether something is kept that comes right before an offset. */
async function isKeptBefore(broker: Broker, topic: string, { epoch, offset }: Delivery): Promise<boolean> {
  if (offset === 1) return false;
  const { position, deliveries } = await broker.history(topic, { last: 1, until: offset - 1, maxBytes: 1 });
  return position.epoch === epoch && deliveries.length > 0;
}

/** Whether fewer messages came than were asked for, and are there. */
async function isCut(
  broker: Broker,
  topic: string,
  { deliveries, more }: History,
  { since, limit }: { readonly since?: Position | undefined; readonly limit: number },
): Promise<boolean> {
  const [first] = deliveries;
  if (first === undefined || deliveries.length >= limit) return false;
  return since === undefined ? isKeptBefore(broker, topic, first) : more;
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
      const range = since === undefined ? { last: limit } : { since, limit };
      const history = await broker.history(topic, { ...range, maxBytes: MAX_BYTES });
      const cut = await isCut(broker, topic, history, { since, limit });
      // A buffer is sent as it is, past the serializer that the response schema would bring.
      return reply.type("application/json; charset=utf-8").send(writeHistory(topic, history, cut) as never);
    },
  });
};
