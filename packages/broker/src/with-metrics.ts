import { METRIC_PREFIX } from "@commcoin/service/telemetry";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Damaged } from "./damage.ts";
import {
  BrokerUnavailableError,
  FencedError,
  type Broker,
  type DeliveryProof,
  type Unrecovered,
} from "./broker.ts";
import { InvalidMessageError } from "./invalid-message-error.ts";

/** From a round trip on one machine to the time after which a connection is given up. */
const DURATION_BUCKETS_S = [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const CALLS = ["publish", "subscribe", "history", "positions"] as const;
type Call = (typeof CALLS)[number];
const HISTORY_RESULTS = ["complete", "epoch_changed", "trimmed"] as const satisfies readonly (
  | "complete"
  | Unrecovered
)[];
const REASONS = ["fenced", "invalid", "unavailable", "bug"] as const;

const reasonOf = (error: unknown): (typeof REASONS)[number] => {
  if (error instanceof FencedError) return "fenced";
  if (error instanceof InvalidMessageError) return "invalid";
  return error instanceof BrokerUnavailableError ? "unavailable" : "bug";
};

function createMetrics(registry: Registry) {
  const registers = [registry];
  return {
    published: new Counter({
      name: `${METRIC_PREFIX}broker_messages_published_total`,
      help: "Messages this process published, by whether they were new or had been published before",
      labelNames: ["result"] as const,
      registers,
    }),
    failures: new Counter({
      name: `${METRIC_PREFIX}broker_failures_total`,
      help: "Calls to the broker that failed, by call and reason",
      labelNames: ["call", "reason"] as const,
      registers,
    }),
    duration: new Histogram({
      name: `${METRIC_PREFIX}broker_call_duration_seconds`,
      help: "Time from a call to the broker to its answer, failed ones included",
      labelNames: ["call"] as const,
      buckets: DURATION_BUCKETS_S,
      registers,
    }),
    delivered: new Counter({
      name: `${METRIC_PREFIX}broker_messages_delivered_total`,
      help: "Live messages this process received, once for each of its subscriptions",
      registers,
    }),
    history: new Counter({
      name: `${METRIC_PREFIX}broker_history_total`,
      help: "Answers to history questions: complete, or why the part asked for is gone",
      labelNames: ["result"] as const,
      registers,
    }),
  };
}

function registerProof(proof: () => DeliveryProof, registry: Registry): void {
  registry.registerMetric(
    new Gauge({
      name: `${METRIC_PREFIX}broker_proof_age_seconds`,
      help: "Time since something last arrived on the subscriber connection where that is longest ago; probes see to it that something does",
      registers: [],
      collect() {
        this.set(proof().ageMs / 1_000);
      },
    }),
  );
  let counted = 0;
  registry.registerMetric(
    new Counter({
      name: `${METRIC_PREFIX}broker_rebuilds_total`,
      help: "Subscriber connections that were built anew because nothing arrived on them",
      registers: [],
      collect() {
        const { rebuilds } = proof();
        this.inc(rebuilds - counted);
        counted = rebuilds;
      },
    }),
  );
}

function registerDamages(damages: () => ReadonlyMap<Damaged, number>, registry: Registry): void {
  const counted = new Map<Damaged, number>();
  registry.registerMetric(
    new Counter({
      name: `${METRIC_PREFIX}broker_damages_total`,
      help: "Keys and messages in the broker that were damaged or of somebody else, by what they were: keys are removed and begun anew, messages dropped",
      labelNames: ["what"] as const,
      registers: [],
      collect() {
        for (const [what, count] of damages()) {
          this.inc({ what }, count - (counted.get(what) ?? 0));
          counted.set(what, count);
        }
      },
    }),
  );
}

/** The same broker, measured. To be applied once for each metrics registry. */
export function withMetrics(broker: Broker, registry: Registry): Broker {
  const { published, failures, duration, delivered, history } = createMetrics(registry);
  // From 0 on, so that the increase of the first one is seen.
  for (const call of CALLS) {
    duration.zero({ call });
    for (const reason of REASONS) failures.inc({ call, reason }, 0);
  }
  for (const result of HISTORY_RESULTS) history.inc({ result }, 0);
  registry.registerMetric(
    new Gauge({
      name: `${METRIC_PREFIX}broker_up`,
      help: "1 while messages flow through the broker and it stores what it is given, else 0",
      registers: [],
      collect() {
        this.set((broker.problem() ?? broker.refusal()) === null ? 1 : 0);
      },
    }),
  );
  const { proof, damages } = broker;
  if (damages !== undefined) registerDamages(damages, registry);
  if (proof !== undefined) registerProof(proof, registry);
  const measure = async <Answer>(call: Call, answer: Promise<Answer>): Promise<Answer> => {
    const stop = duration.startTimer({ call });
    try {
      return await answer;
    } catch (error) {
      failures.inc({ call, reason: reasonOf(error) });
      throw error;
    } finally {
      stop();
    }
  };
  return {
    ...broker,
    async publish(messages, options) {
      const answers = await measure("publish", broker.publish(messages, options));
      const duplicates = answers.reduce((count, { duplicate }) => count + Number(duplicate), 0);
      published.inc({ result: "stored" }, answers.length - duplicates);
      published.inc({ result: "duplicate" }, duplicates);
      return answers;
    },
    subscribe: (topic, deliver) =>
      measure(
        "subscribe",
        broker.subscribe(topic, (delivery) => {
          delivered.inc();
          deliver(delivery);
        }),
      ),
    async history(topic, query) {
      const answer = await measure("history", broker.history(topic, query));
      history.inc({ result: answer.unrecovered ?? "complete" });
      return answer;
    },
    positions: (topics) => measure("positions", broker.positions(topics)),
  };
}
