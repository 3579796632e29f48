import { answerQuestions, type Broker, type QuestionType } from "@commcoin/broker";
import type { Clock } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import type { Connection } from "../connections/connection.ts";
import type { Connections } from "../connections/connections.ts";
import type { TopicFeeds } from "../topics/topic-feeds.ts";
import { createAnswers } from "./answers.ts";
import { createCommands, runCommand } from "./commands.ts";

/**
 * Listens on the control channel, does what operators want and answers what they ask.
 * @returns ends it.
 */
export async function startControl({
  control,
  serverId,
  connections,
  feeds,
  disconnect,
  drain,
  onAsked,
  clock,
  logger,
}: {
  readonly control: Broker["control"];
  readonly serverId: string;
  readonly connections: Connections;
  readonly feeds: TopicFeeds;
  readonly disconnect: (connection: Connection) => void;
  readonly drain: () => void;
  readonly onAsked: (type: QuestionType) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<() => void> {
  const commands = createCommands({ connections, disconnect, drain });
  const answer = createAnswers({ serverId, connections, feeds, commands, clock, onAsked });
  const endCommands = await control.listen(serverId, ({ message }) => runCommand(commands, message));
  try {
    const endQuestions = await answerQuestions({ control, serverId, answer, logger });
    return () => {
      endCommands();
      endQuestions();
    };
  } catch (error) {
    endCommands();
    throw error;
  }
}
