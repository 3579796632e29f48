import {
  answerQuestions,
  closedKey,
  type Broker,
  type ClosedConnection,
  type ConnectionInfo,
  type Question,
} from "@commcoin/broker";
import { silentLogger } from "@commcoin/service/telemetry";

export const connection = (id: string, fields: Partial<ConnectionInfo> = {}): ConnectionInfo => ({
  id,
  server_id: "g-1",
  user_id: null,
  address: "10.0.0.1",
  user_agent: "test",
  since: 1,
  last_seen: 2,
  topics: ["broadcast"],
  topic_count: 1,
  sent: 3,
  received: 4,
  buffered: 0,
  ...fields,
});

export const closedConnection = (id: string, fields: Partial<ClosedConnection> = {}): ClosedConnection => ({
  id,
  server_id: "g-1",
  user_id: null,
  address: "10.0.0.1",
  since: 1,
  closed_at: 2,
  code: 1001,
  reason: "",
  by_gateway: false,
  ...fields,
});

/** Takes the place of a gateway: is in the registry, and answers from a list. */
export async function startFakeGateway(
  broker: Broker,
  server_id: string,
  connections: readonly ConnectionInfo[],
  closed: readonly ClosedConnection[] = [],
): Promise<{ readonly asked: readonly Question[]; readonly silence: () => void }> {
  const asked: Question[] = [];
  await broker.registry.heartbeat({
    server_id,
    service: "gateway",
    instance: server_id,
    started_at: 1,
    state: "ready",
    counts: {},
  });
  const silence = await answerQuestions({
    control: broker.control,
    serverId: server_id,
    logger: silentLogger,
    answer(question) {
      asked.push(question);
      switch (question.type) {
        case "connection":
          return { connection: connections.find(({ id }) => id === question.connection_id) ?? null };
        case "connections": {
          const { after = "", limit } = question;
          const rest = connections.filter(({ id }) => id > after);
          return { entries: rest.slice(0, limit), more: rest.length > limit };
        }
        case "closed_connections": {
          const { after = "", limit } = question;
          const rest = closed
            .filter((one) => closedKey(one) > after)
            .toSorted((a, b) => (closedKey(a) < closedKey(b) ? -1 : 1));
          return { entries: rest.slice(0, limit), more: rest.length > limit };
        }
        case "topics":
          return {
            entries: [{ topic: "transactions", subscribers: connections.length, messages_per_second: 1.5 }],
            more: false,
          };
        case "disconnect_connection":
          return { connections: connections.filter(({ id }) => id === question.connection_id).length };
        case "disconnect_user":
          return { connections: connections.filter(({ user_id }) => user_id === question.user_id).length };
        case "drain":
          return { connections: connections.length };
      }
    },
  });
  return { asked, silence };
}
