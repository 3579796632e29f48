import { randomUUID } from "node:crypto";
import type { Broker } from "@commcoin/broker";
import { epoch, eventId, messageData, offset, topic } from "@commcoin/protocol";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { note } from "../access/audit.ts";
import { createBroadcastLimit } from "../access/broadcast-limit.ts";
import type { Guard } from "../access/guard.ts";
import { ApiError } from "../api-error.ts";
import { broadcastTarget, resolveTarget, type BroadcastTarget } from "../broadcast-target.ts";
import type { AdminMetrics } from "../metrics.ts";
import { isNestedTooDeep, MAX_NESTING } from "../nesting.ts";
import { broadcastErrors, TOKEN_NEEDED } from "./documentation.ts";

/** Well above the largest transaction that is published, and small enough to be sent to everybody. */
const BODY_LIMIT_BYTES = 256 * 1024;

const bodyOf = <Type extends keyof typeof messageData>(type: Type) =>
  z.strictObject({
    type: z.literal(type),
    data: messageData[type],
    target: broadcastTarget,
    id: eventId
      .optional()
      .describe("Idempotency key: sending the same id to the same target again publishes nothing"),
  });

const broadcastBody = z.discriminatedUnion("type", [
  bodyOf("TokenCreated"),
  bodyOf("TokenPriceUpdate"),
  bodyOf("TransactionUpdate"),
  bodyOf("MarketData"),
  bodyOf("Notification"),
  bodyOf("UserActivity"),
]);

const published = z
  .object({
    topic,
    epoch,
    offset,
    id: eventId,
    duplicate: z.boolean().describe("True when this id was published before; the position is the first one"),
  })
  .describe("Stored: subscribers get it now, others when they ask for what they missed");

interface BroadcastRoutesOptions {
  readonly broker: Broker;
  readonly guard: Guard;
  readonly metrics: AdminMetrics;
  /** 0 for any number. */
  readonly perSecond: number;
}

export const broadcastRoutes: FastifyPluginAsyncZod<BroadcastRoutesOptions> = async (app, options) => {
  const { broker, guard, metrics, perSecond } = options;
  const limit = createBroadcastLimit({ perSecond, onLimited: metrics.broadcastLimited });

  /** A topic of a server that is not there would take the message, and nobody would ever read it. */
  const assertReachable = async (target: BroadcastTarget): Promise<void> => {
    if (!("server_id" in target)) return;
    const servers = await broker.registry.servers();
    if (servers.some(({ service, server_id }) => service === "gateway" && server_id === target.server_id))
      return;
    throw new ApiError(
      "unknown_server",
      `target.server_id: no gateway "${target.server_id}" is in the registry; GET /api/servers lists them.`,
    );
  };

  app.post("/api/ws/broadcast", {
    onRequest: [guard.write, limit],
    bodyLimit: BODY_LIMIT_BYTES,
    preValidation: async ({ body }) => {
      if (!isNestedTooDeep(body)) return;
      throw new ApiError("bad_request", `body: must not be nested deeper than ${MAX_NESTING} levels`);
    },
    schema: {
      operationId: "broadcast",
      tags: ["messages"],
      summary: "Publish a message to everybody, a topic, a user or the connections of one server",
      security: TOKEN_NEEDED,
      body: broadcastBody,
      response: { 200: published, ...broadcastErrors },
    },
    handler: async (request) => {
      const { body } = request;
      const { kind, topic } = resolveTarget(body.target);
      const id = body.id ?? `admin:${randomUUID()}`;
      note(request, { topic, type: body.type, id });
      await assertReachable(body.target);
      const [position] = await broker.publish([{ topic, type: body.type, id, data: body.data }]);
      if (position === undefined) throw new Error("The broker answered without a position.");
      metrics.broadcast(kind);
      const { epoch, offset, duplicate } = position;
      note(request, { epoch, offset, duplicate });
      return { topic, epoch, offset, id, duplicate };
    },
  });
};
