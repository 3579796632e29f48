import type { operations } from "./openapi";

type AnswerOf<Id extends keyof operations> = operations[Id] extends {
  responses: { 200: { content: { "application/json": infer Body } } };
}
  ? Body
  : never;

export type Cluster = AnswerOf<"getConnections">;
export type Servers = AnswerOf<"getServers">;
export type Server = Servers["servers"][number];
export type Listeners = AnswerOf<"getListener">;
export type TopicHistory = AnswerOf<"getTopicHistory">;
export type Drained = AnswerOf<"drainServer">;
