import type { Logger } from "@commcoin/service/telemetry";
import { randomBytes } from "node:crypto";
import type { ControlChannel, ControlMessage } from "./control.ts";
import {
  answers as answerSchemas,
  type AnswerTo,
  type Question,
  type QuestionOf,
  type QuestionType,
} from "./control-questions.ts";
import type { Registry } from "./registry.ts";

/** Longer than a garbage collection or a short stall of a gateway; a person waits for the answer. */
const SURVEY_TIMEOUT_MS = 3_000;

/** What came back of a question. */
export interface Survey<Answer> {
  /** One of each server that answered in time, in the order of arrival. */
  readonly answers: readonly { readonly server_id: string; readonly answer: Answer }[];
  /** Servers of the registry that did not answer in time; sorted. */
  readonly missing: readonly string[];
}

export interface SurveyOptions {
  /** Only this server is asked. */
  readonly serverId?: string | undefined;
  readonly timeoutMs?: number;
}

/** Asks gateways. */
export interface Surveyor {
  /**
   * Resolves as soon as every gateway of the registry, suspect ones included, has answered, or after the time-out with
   * what there is. A survey of nobody, since nobody is registered or not under this id, has neither answers nor missing ones.
   * @throws {InvalidMessageError} for what is no question.
   * @throws {BrokerUnavailableError} when it could not be asked.
   */
  ask<Type extends QuestionType>(
    question: QuestionOf<Type>,
    options?: SurveyOptions,
  ): Promise<Survey<AnswerTo<Type>>>;
  /** Ends all surveys with what they have. */
  close(): void;
}

type Answer = Extract<ControlMessage, { type: "answer" }>;

export function createSurveyor({
  control,
  registry,
  logger,
}: {
  readonly control: ControlChannel;
  readonly registry: Registry;
  readonly logger: Logger;
}): Surveyor {
  // An address of its own: services that run in one process share their server id.
  const address = `survey-${randomBytes(9).toString("hex")}`;
  const running = new Map<string, { readonly receive: (answer: Answer) => void; readonly end: () => void }>();
  let listening: Promise<() => void> | null = null;
  let closed = false;

  const listen = (): Promise<() => void> => {
    listening ??= control
      .listen(address, ({ message }) => {
        if (message.type === "answer") running.get(message.question_id)?.receive(message);
      })
      .catch((error: unknown) => {
        listening = null;
        throw error;
      });
    return listening;
  };

  return {
    async ask<Type extends QuestionType>(
      question: QuestionOf<Type>,
      { serverId, timeoutMs = SURVEY_TIMEOUT_MS }: SurveyOptions = {},
    ) {
      const [servers] = await Promise.all([registry.servers(), listen()]);
      const missing = new Set(
        servers
          .filter(({ service, server_id }) => service === "gateway" && server_id === (serverId ?? server_id))
          .map(({ server_id }) => server_id),
      );
      const answers: { server_id: string; answer: AnswerTo<Type> }[] = [];
      const result = (): Survey<AnswerTo<Type>> => ({ answers, missing: [...missing].sort() });
      if (missing.size === 0 || closed) return result();

      const id = randomBytes(9).toString("hex");
      let timer: NodeJS.Timeout | undefined;
      const complete = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs);
        running.set(id, {
          end: resolve,
          receive({ server_id, answer }) {
            if (!missing.has(server_id)) return;
            const parsed = answerSchemas[question.type].safeParse(answer);
            if (!parsed.success) {
              logger.warn({ server_id, question: question.type }, "a server gave an answer that is none");
              return;
            }
            missing.delete(server_id);
            answers.push({ server_id, answer: parsed.data as unknown as AnswerTo<Type> });
            if (missing.size === 0) resolve();
          },
        });
      });
      try {
        const target = serverId === undefined ? ({ all: true } as const) : { server_id: serverId };
        await control.send(target, { type: "question", question_id: id, reply_to: address, question });
        await complete;
      } finally {
        clearTimeout(timer);
        running.delete(id);
      }
      return result();
    },
    close() {
      closed = true;
      for (const { end } of running.values()) end();
      listening?.then(
        (stop) => stop(),
        () => {},
      );
    },
  };
}

/**
 * Has a server answer what is asked. Resolves once no question can be missed any more. What `answer` throws is logged, and
 * the server counts as one that did not answer.
 * @returns a function that ends it.
 */
export function answerQuestions({
  control,
  serverId,
  answer,
  logger,
}: {
  readonly control: ControlChannel;
  readonly serverId: string;
  readonly answer: (question: Question) => AnswerTo<QuestionType>;
  readonly logger: Logger;
}): Promise<() => void> {
  return control.listen(serverId, ({ message }) => {
    if (message.type !== "question") return;
    const { question, question_id, reply_to } = message;
    const reply = async (): Promise<void> => {
      const checked = answerSchemas[question.type].parse(answer(question));
      await control.send(
        { server_id: reply_to },
        { type: "answer", question_id, server_id: serverId, answer: checked },
      );
    };
    reply().catch((error: unknown) => {
      logger.warn({ err: error, question: question.type }, "could not answer a question");
    });
  });
}
