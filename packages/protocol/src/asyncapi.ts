import type { z } from "zod";
import { eventFrameDocs, serverFrameDocs, upFrameDocs, type FrameDoc } from "./asyncapi-frames.ts";
import { jsonSchema, type Json, type JsonObject } from "./asyncapi-schema.ts";
import { serverFrame } from "./down.ts";
import { eventFrame } from "./event-frame.ts";
import { userId } from "./user-id.ts";
import { upFrame } from "./up.ts";
import { PROTOCOL_VERSION } from "./version.ts";

export { jsonSchema, type Json, type JsonObject } from "./asyncapi-schema.ts";
export { eventFrameDocs, serverFrameDocs, upFrameDocs, type FrameDoc } from "./asyncapi-frames.ts";

interface FrameUnion {
  readonly options: readonly (z.ZodType & {
    readonly shape: { readonly type: { readonly value: string } };
  })[];
}
type Docs = Readonly<Record<string, FrameDoc<unknown>>>;

/** `subscribe` and `subscribed` go different ways, and `history` goes both: names say which way. */
const REQUEST = "request.";

const messagesOf = (frames: FrameUnion, docs: Docs, prefix: string): [string, JsonObject][] =>
  frames.options.map((schema) => {
    const type = schema.shape.type.value;
    const doc = docs[type];
    if (doc === undefined) throw new Error(`${type} has no description.`);
    const message = {
      name: type,
      summary: doc.summary,
      payload: jsonSchema(schema),
      examples: [{ name: type, payload: doc.example as Json }],
    };
    return [prefix + type, message];
  });

const CHANNEL = { $ref: "#/channels/ws" } as const;
const inChannel = (name: string): JsonObject => ({ $ref: `#/channels/ws/messages/${name}` });

/** Replies to each request; `error` may answer any of them. */
const REPLIES = {
  subscribe: "subscribed",
  unsubscribe: "unsubscribed",
  ping: "pong",
  auth: "authenticated",
  history: "history",
} as const;
const NOTICES = ["connected", "reset", "degraded", "restored"] as const;

function operations(eventTypes: readonly string[]): JsonObject {
  const requests = Object.entries(REPLIES).map(([request, reply]) => [
    request,
    {
      action: "receive",
      channel: CHANNEL,
      summary: (upFrameDocs as Docs)[request]?.summary ?? "",
      messages: [inChannel(REQUEST + request)],
      reply: { channel: CHANNEL, messages: [inChannel(reply), inChannel("error")] },
    },
  ]);
  return {
    ...(Object.fromEntries(requests) as JsonObject),
    notice: {
      action: "send",
      channel: CHANNEL,
      summary: "What the server tells a connection without being asked",
      messages: NOTICES.map(inChannel),
    },
    event: {
      action: "send",
      channel: CHANNEL,
      summary: "The messages of the topics that a connection is in",
      messages: eventTypes.map(inChannel),
    },
  };
}

/** What `GET /ws` takes. */
const query = {
  type: "object",
  properties: {
    user_id: jsonSchema(userId),
    subscriptions: { type: "string", description: "Topics to join, comma-separated" },
    since: {
      type: "string",
      description: "Positions to go on from, topic@epoch:offset, comma-separated, each topic once",
    },
    token: { type: "string", description: "Where the server verifies tokens" },
  },
} as const;

/**
 * The AsyncAPI 3.0 document of the client protocol, from the gateway's point of view.
 * @param release that the document is part of, as `MAJOR.MINOR.PATCH`.
 */
export function asyncApiDocument(release: string): JsonObject {
  const events = messagesOf(eventFrame, eventFrameDocs, "");
  const messages = Object.fromEntries([
    ...messagesOf(upFrame, upFrameDocs, REQUEST),
    ...messagesOf(serverFrame, serverFrameDocs, ""),
    ...events,
  ]);
  const names = Object.keys(messages);
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Community Coin Realtime: client protocol",
      version: release,
      description: `Version ${PROTOCOL_VERSION} of the protocol: JSON text frames over one WebSocket. docs/protocol.md says what order they come in and what a client has to do.`,
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    defaultContentType: "application/json",
    servers: { local: { host: "localhost:8080", protocol: "ws", description: "A gateway with defaults" } },
    channels: {
      ws: {
        address: "/ws",
        description: "Everything goes over this one connection.",
        messages: Object.fromEntries(
          names.map((name) => [name, { $ref: `#/components/messages/${name}` }] as const),
        ),
        bindings: { ws: { method: "GET", query, bindingVersion: "0.1.0" } },
      },
    },
    operations: operations(events.map(([name]) => name)),
    components: { messages },
  };
}
