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
export type ListenerStatus = NonNullable<Listeners["listeners"][number]["status"]>;
export type Connections = AnswerOf<"listConnections">;
export type Connection = Connections["connections"][number];
export type ClosedConnections = AnswerOf<"listClosedConnections">;
export type ClosedConnection = ClosedConnections["connections"][number];
export type Topics = AnswerOf<"listTopics">;
export type TopicHistory = AnswerOf<"getTopicHistory">;
export type Published = AnswerOf<"broadcast">;
export type Acted = AnswerOf<"disconnectConnection">;
export type Drained = AnswerOf<"drainServer">;
