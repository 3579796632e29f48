import { METRIC_PREFIX } from "@commcoin/service/telemetry";
import { Counter, Gauge, type Registry } from "prom-client";

const nameOf = (name: string): string => `${METRIC_PREFIX}gateway_${name}`;

/** Makes metrics of the gateway in a registry. */
export interface Instruments {
  /** Read when it is asked for. */
  readonly gauge: (name: string, help: string, read: () => number) => void;
  readonly counter: <Label extends string>(
    name: string,
    help: string,
    labelNames?: readonly Label[],
  ) => Counter<Label>;
  /** Counted in a plain number, because counting through the library costs more than the rest of the hot path. */
  readonly hotCounter: (name: string, help: string, read: () => number) => void;
}

export function createInstruments(registry: Registry): Instruments {
  const registers = [registry];
  return {
    gauge(name, help, read) {
      const gauge: Gauge = new Gauge({
        name: nameOf(name),
        help,
        registers,
        collect: () => gauge.set(read()),
      });
    },
    counter: (name, help, labelNames = []) =>
      new Counter({ name: nameOf(name), help, labelNames: [...labelNames], registers }),
    hotCounter(name, help, read) {
      const counter: Counter = new Counter({
        name: nameOf(name),
        help,
        registers,
        collect() {
          counter.reset();
          counter.inc(read());
        },
      });
    },
  };
}
