import type { AnswerTo, QuestionOf, QuestionType, Survey, Surveyor } from "@commcoin/broker";
import { z } from "zod";
import { ApiError } from "../api-error.ts";

/** Gateways that did not answer in time; what they hold is not part of the answer. */
export const missingServers = z
  .array(z.string())
  .describe("Gateways of the registry that did not answer in time: what they hold is not in this answer");

/** What came of a command. */
export const acted = z
  .object({
    connections: z.int().nonnegative().describe("Connections that are closed by it"),
    servers: z.int().nonnegative().describe("Gateways that had any"),
    missing_servers: missingServers,
  })
  .describe("Done, as the gateways say that answered");
export type Acted = z.infer<typeof acted>;

type CommandType = "disconnect_connection" | "disconnect_user" | "drain";

/** The gateways of the registry, as far as they can be asked. */
export interface Gateways {
  /** @throws {ApiError} `unknown_server` when only one is asked and it is not in the registry. */
  ask<Type extends QuestionType>(
    question: QuestionOf<Type>,
    serverId?: string,
  ): Promise<Survey<AnswerTo<Type>>>;
  /**
   * Has all gateways do something.
   * @param what names what it is about, for the message.
   * @throws {ApiError} `not_found` when no gateway had anything to do, `not_answered` when that is not certain.
   */
  command<Type extends CommandType>(question: QuestionOf<Type>, what: string): Promise<Acted>;
}

/** @throws {ApiError} for something that was not found: for sure, or not at those who answered. */
export function throwNotFound(what: string, missing: readonly string[]): never {
  if (missing.length === 0) throw new ApiError("not_found", `No gateway has ${what}.`);
  throw new ApiError(
    "not_answered",
    `The gateways that answered do not have ${what}; no answer came in time from ${missing.join(", ")}. Try again.`,
  );
}

/** @throws {ApiError} when the one that was asked said nothing. */
export function throwNotAnswered(missing: readonly string[]): never {
  throw new ApiError(
    "not_answered",
    `No answer came in time from ${missing.join(", ")}; it may have done it all the same. GET /api/servers tells.`,
  );
}

export function createGateways({
  surveyor,
  onSurvey,
}: {
  readonly surveyor: Surveyor;
  readonly onSurvey: (question: QuestionType, missing: number) => void;
}): Gateways {
  const ask: Gateways["ask"] = async (question, serverId) => {
    const survey = await surveyor.ask(question, { serverId });
    onSurvey(question.type, survey.missing.length);
    if (serverId !== undefined && survey.answers.length + survey.missing.length === 0) {
      throw new ApiError(
        "unknown_server",
        `No gateway "${serverId}" is in the registry; GET /api/servers lists them.`,
      );
    }
    return survey;
  };
  return {
    ask,
    async command<Type extends CommandType>(question: QuestionOf<Type>, what: string) {
      const { answers, missing } = await ask<CommandType>(question);
      const acting = answers.filter(({ answer }) => answer.connections > 0);
      if (acting.length === 0) throwNotFound(what, missing);
      return {
        connections: acting.reduce((sum, { answer }) => sum + answer.connections, 0),
        servers: acting.length,
        missing_servers: [...missing],
      };
    },
  };
}
