import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "./fault.ts";
import { serviceFaults } from "./faults-of-services.ts";
import { panelValues, type PanelValue } from "./panel-values.ts";
import type { Stage } from "./stage.ts";

const POLL_MS = 2_000;
const SHOWN_WITHIN_MS = 90_000;
const REFUSED_REQUESTS = 5;

/** A line that is empty as long as all is well, and the fault that fills it. */
interface Need {
  readonly panel: string;
  readonly legend: string;
  readonly because: string;
  readonly plant: Fault["plant"];
}

const killWorker = serviceFaults.find(({ alerts }) => alerts.includes("WorkerDies"));

const NEEDS: readonly Need[] = [
  {
    panel: "Whole blocks and large gaps",
    legend: "blocks: {{class}}",
    because: "only who publishes reads blocks, and the one that follows all tokens: it has to take over",
    plant: async ({ listeners: [publishing] }) => {
      await publishing.restart();
      return () => {};
    },
  },
  {
    panel: "Alerts",
    legend: "{{alertname}} ({{severity}})",
    because: "it shows alerts that fire: a worker is killed",
    plant: async (stage) => (await killWorker?.plant(stage)) ?? (() => {}),
  },
  {
    panel: "What nodes do wrong",
    legend: "{{endpoint}}: {{kind}}",
    because: "what a node can do wrong has no end that could be counted from 0: one refuses some requests",
    plant: ({ localnet: { endpoints } }) => {
      for (const { faults } of endpoints) faults.set({ rateLimit: { next: REFUSED_REQUESTS } });
      return Promise.resolve(() => {});
    },
  },
];

export interface Shown {
  readonly values: readonly PanelValue[];
  /** Lines without data, though nothing has to go wrong for them; and those that stayed empty when it did. */
  readonly empty: readonly string[];
}

const nameOf = ({ panel, legend }: Pick<PanelValue, "panel" | "legend">): string => `${panel}: ${legend}`;
const needed = new Set(NEEDS.map(nameOf));

/** Waits until every line of every panel shows something, with a fault only for those that need one. */
export async function showEverything(stage: Stage): Promise<Shown> {
  const from = Date.now() / 1_000;
  const untilShown = async (isEmpty: (value: PanelValue) => boolean): Promise<Shown> => {
    const deadline = performance.now() + SHOWN_WITHIN_MS;
    for (;;) {
      const values = await panelValues(stage.prometheus, from);
      const empty = values.filter(isEmpty).map((value) => `${value.dashboard}, ${nameOf(value)}`);
      if (empty.length === 0 || performance.now() > deadline) return { values, empty };
      await delay(POLL_MS);
    }
  };
  const hasNone = ({ series, chosen }: PanelValue): boolean => series === 0 || chosen === 0;
  const calm = await untilShown((value) => hasNone(value) && !needed.has(nameOf(value)));
  if (calm.empty.length > 0) return calm;
  for (const { plant } of NEEDS) await plant(stage);
  return untilShown(hasNone);
}
