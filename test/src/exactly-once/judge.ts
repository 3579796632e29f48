import type { Position } from "@commcoin/protocol";
import type { DeliveryLog, LogEntry } from "./delivery-log.ts";
import type { EpochRecord, RecordedTopics } from "./record.ts";

/** How what clients were handed differs from what was published; everything but the first four is a broken promise. */
export interface Verdict {
  readonly expected: number;
  readonly delivered: number;
  /** Times that a client was told that something is lost, and how many messages that was. */
  readonly told: number;
  readonly toldMessages: number;
  /** Messages that came again after the client was told that its position is lost: the publisher had to repeat them. */
  readonly repeated: number;
  /** Never came, and nobody said so. */
  readonly lost: number;
  readonly duplicated: number;
  /** Came after a later one. */
  readonly reordered: number;
  /** Another message than the one that was published at this position. */
  readonly renumbered: number;
  /** The first few broken promises, in words. */
  readonly examples: readonly string[];
}

export const NOTHING: Verdict = {
  expected: 0,
  delivered: 0,
  told: 0,
  toldMessages: 0,
  repeated: 0,
  lost: 0,
  duplicated: 0,
  reordered: 0,
  renumbered: 0,
  examples: [],
};

const MAX_EXAMPLES = 8;

export const isKept = ({ lost, duplicated, reordered, renumbered }: Verdict): boolean =>
  lost + duplicated + reordered + renumbered === 0;

export const addVerdicts = (a: Verdict, b: Verdict): Verdict => ({
  expected: a.expected + b.expected,
  delivered: a.delivered + b.delivered,
  told: a.told + b.told,
  toldMessages: a.toldMessages + b.toldMessages,
  repeated: a.repeated + b.repeated,
  lost: a.lost + b.lost,
  duplicated: a.duplicated + b.duplicated,
  reordered: a.reordered + b.reordered,
  renumbered: a.renumbered + b.renumbered,
  examples: [...a.examples, ...b.examples].slice(0, MAX_EXAMPLES),
});

const lastOffset = ({ numbers }: EpochRecord): number => Math.max(0, numbers.length - 1);

/** How many messages lie between two positions of a topic. */
function distance(epochs: readonly EpochRecord[], from: Position, to: Position): number {
  if (from.epoch === to.epoch) return Math.max(0, to.offset - from.offset);
  const first = epochs.findIndex(({ epoch }) => epoch === from.epoch);
  const last = epochs.findIndex(({ epoch }) => epoch === to.epoch);
  const between = epochs.slice(first + 1, Math.max(first + 1, last));
  const rest = epochs[first] === undefined ? 0 : Math.max(0, lastOffset(epochs[first]) - from.offset);
  return rest + between.reduce((sum, epoch) => sum + lastOffset(epoch), 0) + to.offset;
}

/** Walks through what one client was handed in one topic, beside what it should have been. */
class Walk {
  #verdict: { -readonly [Key in keyof Verdict]: Verdict[Key] } = { ...NOTHING, examples: [] };
  readonly #log: DeliveryLog;
  readonly #epochs: readonly EpochRecord[];
  /** What clients were handed at positions that were never acknowledged, which must be the same for all of them. */
  readonly #unacknowledged: Map<string, number>;
  #position: Position;
  /** Offsets that were passed over in this epoch. */
  #missing = new Set<number>();
  #inEpoch = new Set<number>();
  #before = new Set<number>();

  constructor(log: DeliveryLog, epochs: readonly EpochRecord[], unacknowledged: Map<string, number>) {
    this.#log = log;
    this.#epochs = epochs;
    this.#unacknowledged = unacknowledged;
    this.#position = log.start;
  }

  run(): Verdict {
    const end = this.#end();
    for (const entry of this.#log.entries()) this.#step(entry);
    this.#verdict.expected = distance(this.#epochs, this.#log.start, end);
    const left = distance(this.#epochs, this.#position, end);
    if (left > 0) this.#fault("lost", `the last ${left} before ${end.epoch}:${end.offset} never came`, left);
    this.#giveUp();
    return this.#verdict;
  }

  #end(): Position {
    const last = this.#epochs.at(-1);
    return last === undefined ? this.#log.start : { epoch: last.epoch, offset: lastOffset(last) };
  }

  #fault(kind: "lost" | "duplicated" | "reordered" | "renumbered", what: string, count = 1): void {
    this.#verdict[kind] += count;
    const { topic } = this.#log;
    const { epoch, offset } = this.#position;
    this.#verdict.examples = [
      ...this.#verdict.examples,
      `${kind}: ${topic} at ${epoch}:${offset}: ${what}`,
    ].slice(0, MAX_EXAMPLES);
  }

  #step(entry: LogEntry): void {
    if (entry.type === "message") this.#message(entry.offset, entry.number);
    else this.#told(entry.from, entry.to);
  }

  #message(offset: number, number: number): void {
    this.#verdict.delivered += 1;
    const { epoch, offset: before } = this.#position;
    const truth = this.#truth(epoch, offset, number);
    if (truth !== number) {
      this.#fault("renumbered", `offset ${offset} is message ${truth} and came as message ${number}`);
    }
    if (offset > before) {
      for (let passed = before + 1; passed < offset; passed += 1) this.#missing.add(passed);
      this.#position = { epoch, offset };
    } else if (this.#missing.delete(offset)) {
      this.#fault("reordered", `offset ${offset} came late`);
      return;
    }
    if (offset <= before || this.#inEpoch.has(number)) {
      this.#fault("duplicated", `message ${number} came again as offset ${offset}`);
    } else if (this.#before.has(number)) this.#verdict.repeated += 1;
    this.#inEpoch.add(number);
  }

  #truth(epoch: string, offset: number, number: number): number {
    const published = this.#epochs.find((each) => each.epoch === epoch)?.numbers[offset];
    if (published !== undefined) return published;
    const place = `${this.#log.topic} ${epoch} ${offset}`;
    const told = this.#unacknowledged.get(place) ?? number;
    this.#unacknowledged.set(place, told);
    return told;
  }

  #told(from: Position, to: Position): void {
    const { epoch, offset } = this.#position;
    if (from.epoch !== epoch || from.offset !== offset) {
      const unsaid = Math.max(1, distance(this.#epochs, this.#position, from));
      this.#fault("lost", `told as lost only from ${from.epoch}:${from.offset} on`, unsaid);
    }
    this.#verdict.told += 1;
    this.#verdict.toldMessages += distance(this.#epochs, from, to);
    this.#position = to;
    if (to.epoch === epoch) return;
    this.#giveUp();
    for (const number of this.#inEpoch) this.#before.add(number);
    this.#inEpoch = new Set();
  }

  /** What was passed over in this epoch does not come any more. */
  #giveUp(): void {
    const [first] = this.#missing;
    if (first !== undefined) this.#fault("lost", `offset ${first} never came`, this.#missing.size);
    this.#missing = new Set();
  }
}

/** Compares what clients were handed with what was published while they were subscribed. */
export const judge = (logs: Iterable<DeliveryLog>, record: RecordedTopics): Verdict => {
  const unacknowledged = new Map<string, number>();
  let verdict = NOTHING;
  for (const log of logs) {
    verdict = addVerdicts(verdict, new Walk(log, record.get(log.topic) ?? [], unacknowledged).run());
  }
  return verdict;
};
