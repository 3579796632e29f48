import type { PresenceEvent, QuestionType } from "@commcoin/broker";
import { METRIC_PREFIX } from "@commcoin/service/telemetry";
import { Counter, type Registry } from "prom-client";

export interface ClusterMetrics {
  readonly published: (activity: PresenceEvent["activity_type"], count: number) => void;
  readonly asked: (question: QuestionType) => void;
}

export function createClusterMetrics(registry: Registry): ClusterMetrics {
  const registers = [registry];
  const events = new Counter({
    name: `${METRIC_PREFIX}gateway_user_events_total`,
    help: "Users that came to the cluster or left it, as far as this gateway told it",
    labelNames: ["activity"] as const,
    registers,
  });
  const questions = new Counter({
    name: `${METRIC_PREFIX}gateway_questions_total`,
    help: "Questions and commands over the control channel that this gateway answered",
    labelNames: ["question"] as const,
    registers,
  });
  return {
    published: (activity, count) => events.inc({ activity }, count),
    asked: (question) => questions.inc({ question }),
  };
}
