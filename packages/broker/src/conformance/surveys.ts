import { silentLogger } from "@commcoin/service/telemetry";
import { randomBytes } from "node:crypto";
import { eventually } from "@commcoin/tsconfig/eventually";
import { describe, expect, it } from "vitest";
import type { Broker } from "../broker.ts";
import { MAX_CONTROL_BYTES } from "../control.ts";
import type { Question } from "../control-questions.ts";
import { answerQuestions, createSurveyor } from "../control-survey.ts";
import { InvalidMessageError } from "../invalid-message-error.ts";
import { type BrokerBus } from "./support.ts";

const BRIEF_TIMEOUT_MS = 300;

/** Questions to all servers or one, and their answers. */
export function surveysConformance(getBus: () => BrokerBus): void {
  /** A gateway that answers with a number of connections. */
  const gateway = async (answer: (question: Question) => { connections: number }, listed = true) => {
    const broker = await getBus().connect();
    const server_id = `server-${randomBytes(6).toString("hex")}`;
    const record = {
      server_id,
      service: "gateway",
      instance: "first",
      started_at: 1,
      state: "ready",
      counts: {},
    } as const;
    const stop = await answerQuestions({
      control: broker.control,
      serverId: server_id,
      answer,
      logger: silentLogger,
    });
    if (listed) await broker.registry.heartbeat(record);
    return { server_id, stop, end: () => (stop(), broker.registry.leave(record)) };
  };
  const surveyor = ({ control, registry }: Broker) =>
    createSurveyor({ control, registry, logger: silentLogger });
  const disconnect = { type: "disconnect_user", user_id: "alice" } as const;

  describe("surveys", () => {
    it("collect the answer of every registered gateway, and of nobody else", async () => {
      const asked: Question[] = [];
      const gateways = [
        await gateway((question) => (asked.push(question), { connections: 1 })),
        await gateway(() => ({ connections: 2 })),
      ];
      const stranger = await gateway(() => ({ connections: 9 }), false);
      const survey = surveyor(await getBus().connect());
      const { answers, missing } = await survey.ask(disconnect);
      expect(missing).toEqual([]);
      expect(answers).toHaveLength(2);
      for (const [index, { server_id }] of gateways.entries())
        expect(answers).toContainEqual({ server_id, answer: { connections: index + 1 } });
      expect(asked).toEqual([disconnect]);
      survey.close();
      for (const { end } of [...gateways, stranger]) await end();
    });

    it("ask one server only", async () => {
      const others: Question[] = [];
      const [one, two] = [
        await gateway(() => ({ connections: 1 })),
        await gateway((question) => (others.push(question), { connections: 2 })),
      ];
      const survey = surveyor(await getBus().connect());
      expect(await survey.ask({ type: "drain" }, { serverId: one.server_id })).toEqual({
        answers: [{ server_id: one.server_id, answer: { connections: 1 } }],
        missing: [],
      });
      expect(await survey.ask({ type: "drain" }, { serverId: "nobody" })).toEqual({
        answers: [],
        missing: [],
      });
      expect(others).toEqual([]);
      survey.close();
      for (const { end } of [one, two]) await end();
    });

    it("name who did not answer in time, failed, or gave an answer that is none", async () => {
      const [good, silent, failing, wrong] = [
        await gateway(() => ({ connections: 1 })),
        await gateway(() => ({ connections: 1 })),
        await gateway(() => {
          throw new Error("cannot");
        }),
        await gateway(() => ({ connections: -1 })),
      ];
      silent.stop();
      const survey = surveyor(await getBus().connect());
      const { answers, missing } = await survey.ask(disconnect, { timeoutMs: BRIEF_TIMEOUT_MS });
      expect(answers).toEqual([{ server_id: good.server_id, answer: { connections: 1 } }]);
      expect(missing).toEqual([silent, failing, wrong].map(({ server_id }) => server_id).sort());
      survey.close();
      for (const { end } of [good, silent, failing, wrong]) await end();
    });

    it("believe no answer to a question that is not theirs or already answered", async () => {
      const broker = await getBus().connect();
      const replies: string[] = [];
      const stopSpying = await broker.control.listen("spy", ({ message }) => {
        if (message.type === "question") replies.push(message.reply_to, message.question_id);
      });
      const slow = await gateway(() => ({ connections: 1 }));
      slow.stop();
      const survey = surveyor(broker);
      const running = survey.ask(disconnect, { timeoutMs: 5_000 });
      await eventually(() => expect(replies).toHaveLength(2));
      const [reply_to = "", question_id = ""] = replies;
      const answer = (id: string, server_id: string, connections: number) =>
        broker.control.send(
          { server_id: reply_to },
          { type: "answer", question_id: id, server_id, answer: { connections } },
        );
      await answer("another", slow.server_id, 5);
      await answer(question_id, "stranger", 6);
      await answer(question_id, slow.server_id, 7);
      expect(await running).toEqual({
        answers: [{ server_id: slow.server_id, answer: { connections: 7 } }],
        missing: [],
      });
      survey.close();
      stopSpying();
      await slow.end();
    });

    it("refuse what is no question, and messages that are too long", async () => {
      const broker = await getBus().connect();
      const one = await gateway(() => ({ connections: 1 }));
      const survey = surveyor(broker);
      const wrong = { type: "explode" } as unknown as typeof disconnect;
      await expect(survey.ask(wrong)).rejects.toThrow(InvalidMessageError);
      await expect(
        broker.control.send(
          { server_id: "x" },
          { type: "answer", question_id: "q", server_id: "s", answer: "x".repeat(MAX_CONTROL_BYTES) },
        ),
      ).rejects.toThrow(InvalidMessageError);
      survey.close();
      await one.end();
    });

    it("end with what they have when the one who asked closes", async () => {
      const silent = await gateway(() => ({ connections: 1 }));
      silent.stop();
      const survey = surveyor(await getBus().connect());
      const running = survey.ask(disconnect, { timeoutMs: 60_000 });
      await survey.ask(disconnect, { timeoutMs: 1 });
      survey.close();
      expect(await running).toEqual({ answers: [], missing: [silent.server_id] });
      await silent.end();
    });
  });
}
