import { MAX_PAGE, topicInfo, type Broker } from "@commcoin/broker";
import { epoch, offset, topic } from "@commcoin/protocol";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Guard } from "../access/guard.ts";
import { missingServers, type Gateways } from "../survey/gateways.ts";
import { mergePages } from "../survey/merge-pages.ts";
import { inputErrors, OPEN_TO_LOCAL } from "./documentation.ts";

const DEFAULT_LIMIT = 100;

const querystring = z.object({
  cursor: topic.optional().describe("`next_cursor` of the page before"),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_LIMIT),
});

const page = z
  .object({
    topics: z.array(
      z.object({
        topic,
        subscribers: topicInfo.shape.subscribers.describe(
          "Connections that receive its messages, over all gateways; those that the server put there included",
        ),
        epoch,
        offset,
        messages_per_second: topicInfo.shape.messages_per_second.describe(
          "From the publishing times of the newest messages that the gateways have in memory, up to now",
        ),
      }),
    ),
    next_cursor: z.string().nullable().describe("Where to go on; null at the end"),
    missing_servers: missingServers,
  })
  .describe("Topics that a gateway follows, in the order of their names");

interface TopicsRoutesOptions {
  readonly broker: Broker;
  readonly gateways: Gateways;
  readonly guard: Guard;
}

export const topicsRoutes: FastifyPluginAsyncZod<TopicsRoutesOptions> = async (app, options) => {
  const { broker, gateways, guard } = options;
  app.get("/api/topics", {
    onRequest: guard.read,
    schema: {
      operationId: "listTopics",
      tags: ["messages"],
      summary: "Topics with their subscribers over all gateways and their positions, page by page",
      security: OPEN_TO_LOCAL,
      querystring,
      response: { 200: page, ...inputErrors },
    },
    handler: async ({ query: { cursor, limit } }) => {
      const { answers, missing } = await gateways.ask({ type: "topics", after: cursor, limit });
      const pages = answers.map(({ answer }) => answer);
      const { groups, next } = mergePages(pages, (entry) => entry.topic, limit);
      const positions = await broker.positions(groups.map(([name]) => name));
      return {
        topics: groups.map(([name, entries], index) => ({
          topic: name,
          subscribers: entries.reduce((sum, { subscribers }) => sum + subscribers, 0),
          epoch: positions[index]?.epoch ?? "",
          offset: positions[index]?.offset ?? 0,
          messages_per_second: Math.max(...entries.map((entry) => entry.messages_per_second)),
        })),
        next_cursor: next,
        missing_servers: [...missing],
      };
    },
  });
};
