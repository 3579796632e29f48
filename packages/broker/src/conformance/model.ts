import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Broker, HistoryQuery } from "../broker.ts";
import { activity, FEW_MESSAGES, freshTopic, idOf, type BrokerBus } from "./support.ts";

/** All that a broker promises of a topic's past, in a form too simple to be wrong: every id in the order of its offset. */
class Model {
  readonly #ids: string[] = [];

  publish(id: string): { offset: number; duplicate: boolean } {
    const known = this.#ids.indexOf(id);
    if (known >= 0) return { offset: known + 1, duplicate: true };
    return { offset: this.#ids.push(id), duplicate: false };
  }

  history({ since, last, limit, until }: Bounds) {
    const top = this.#ids.length;
    const kept = this.#ids.map((id, index) => ({ id, offset: index + 1 })).slice(-FEW_MESSAGES);
    const oldest = kept[0]?.offset ?? 1;
    if (since !== undefined && since > top) return { ids: [], unrecovered: "epoch_changed", more: false };
    if (since !== undefined && since < oldest - 1) return { ids: [], unrecovered: "trimmed", more: false };
    let wanted = kept.filter(({ offset }) => offset > (since ?? 0) && offset <= (until ?? top));
    if (last !== undefined) wanted = wanted.slice(Math.max(0, wanted.length - last));
    const given = limit === undefined ? wanted : wanted.slice(0, limit);
    const more = given.length < wanted.length || (until !== undefined && until < top);
    return { ids: given.map(({ id }) => id), unrecovered: null, more };
  }
}

interface Bounds {
  readonly since?: number;
  readonly last?: number;
  readonly limit?: number;
  readonly until?: number;
}

type Step =
  | { readonly kind: "publish"; readonly by: number; readonly ids: readonly number[] }
  | (Bounds & { readonly kind: "history"; readonly by: number });

const PARTICIPANTS = 3;
const by = fc.nat(PARTICIPANTS - 1);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("publish" as const), by, ids: fc.array(fc.nat(25), { maxLength: 6 }) }),
    fc.record(
      {
        kind: fc.constant("history" as const),
        by,
        since: fc.nat(30),
        last: fc.nat(10),
        limit: fc.nat(10),
        until: fc.nat(30),
      },
      { requiredKeys: ["kind", "by"] },
    ),
  ),
  { maxLength: 40 },
);

/** What the brokers answered to each step, and what the model did. */
async function play(
  brokers: readonly Broker[],
  script: readonly Step[],
): Promise<{ readonly answers: readonly unknown[]; readonly expected: readonly unknown[] }> {
  const topic = freshTopic("few");
  const model = new Model();
  const [start] = await (brokers[0] as Broker).positions([topic]);
  const epoch = start?.epoch ?? "";
  const answers: unknown[] = [];
  const expected: unknown[] = [];
  for (const step of script) {
    const broker = brokers[step.by] as Broker;
    if (step.kind === "publish") {
      const ids = step.ids.map(String);
      answers.push(await broker.publish(ids.map((id) => activity(topic, id))));
      expected.push(ids.map((id) => ({ epoch, ...model.publish(id) })));
    } else {
      const { since, last, limit, until } = step;
      const query: HistoryQuery = {
        ...(since === undefined ? {} : { since: { epoch, offset: since } }),
        ...(last === undefined ? {} : { last }),
        ...(limit === undefined ? {} : { limit }),
        ...(until === undefined ? {} : { until }),
      };
      const { deliveries, unrecovered, more } = await broker.history(topic, query);
      answers.push({ ids: deliveries.map(idOf), unrecovered, more });
      expected.push(model.history(step));
    }
  }
  return { answers, expected };
}

/** Random scripts of several participants, compared step by step with a model. */
export function modelConformance(getBus: () => BrokerBus): void {
  describe("model", () => {
    it(
      "agrees with a trivial model on any sequence of publishes and questions",
      { timeout: 60_000 },
      async () => {
        const brokers = await Promise.all(Array.from({ length: PARTICIPANTS }, () => getBus().connect()));
        await fc.assert(
          fc.asyncProperty(steps, async (script) => {
            const { answers, expected } = await play(brokers, script);
            expect(answers).toEqual(expected);
          }),
          { numRuns: 100 },
        );
      },
    );
  });
}
