import type { ListenerStatus, SourceStatus, StreamStatus } from "@commcoin/broker";

type Told = readonly ListenerStatus[];

/** A slot of these chains takes 50 ms; audits, which move the watermark, begin every second. */
const STANDING_SLOTS = 30;
const LATE_SLOTS = 25;
const WAITING_FOR_FINALITY = 20;
const BEHIND_SLOTS = 10;
const STALE_MS = 1_000;

/** The source that follows the program, whose subscription is there all the time. */
const program = ({ sources }: ListenerStatus): readonly SourceStatus[] =>
  sources.filter(({ name }) => name === "program");
const streams = (status: ListenerStatus): readonly StreamStatus[] =>
  program(status).flatMap((source) => source.streams);
const sum = (status: ListenerStatus, count: "reconnects" | "missed" | "duplicates"): number =>
  streams(status).reduce((total, stream) => total + stream[count], 0);
const grew = (told: Told, count: Parameters<typeof sum>[1]): boolean => {
  const [first] = told;
  const last = told.at(-1);
  return first !== undefined && last !== undefined && sum(last, count) > sum(first, count);
};
const someStream = (told: Told, holds: (stream: StreamStatus) => boolean): boolean =>
  told.some((status) => streams(status).some(holds));
const isLive = (told: Told): boolean =>
  told.every((status) => program(status).every(({ state }) => state === "live"));
const isGone = ({ state, live }: StreamStatus): boolean => state !== "live" && live === 0;
const reconnects = (told: Told): boolean => grew(told, "reconnects") && someStream(told, isGone);

/** What was told since streams last were anything but live: a machine that stops for seconds ends connections by itself. */
const undisturbed = (told: Told): Told => {
  const isSame = (status: ListenerStatus): boolean =>
    isLive([status]) && !grew([status, ...told.slice(-1)], "reconnects");
  return told.slice(told.findLastIndex((status) => !isSame(status)) + 1);
};

/** How many slots the chain went on while this held, up to now. */
function heldFor(told: Told, holds: (status: ListenerStatus) => boolean): number {
  const since = told[told.findLastIndex((status) => !holds(status)) + 1];
  return since === undefined ? 0 : (told.at(-1)?.slot ?? 0) - (since.slot ?? 0);
}

/** What the record of a listener says of a fault, by name: whether what was told since it began says so. */
export const statusClaims = {
  /** Its only connection never ended, and is live all the time. */
  live: (told) => isLive(told) && !grew(told, "reconnects"),
  /** The only connection ended, and was not called live meanwhile. */
  reconnected: (told) => reconnects(told) && !isLive(told),
  /** The same, and before that the newest slot was said to be old. */
  stale: (told) =>
    reconnects(told) && !isLive(told) && someStream(told, ({ slot_age_ms: age }) => (age ?? 0) >= STALE_MS),
  /** One connection of two ended, and the source is live all the time: the other one brings everything. */
  "carried by the other": (told) => reconnects(told) && isLive(told),
  /** Both connections were gone at once. */
  "all gone": (told) => told.some((status) => streams(status).every(isGone)) && reconnects(told),
  missed: (told) => isLive(told) && !grew(told, "reconnects") && grew(told, "missed"),
  /** Everything was missed on a connection that looked lively, until it was given up. */
  silent: (told) => grew(told, "missed") && reconnects(told),
  duplicates: (told) => isLive(told) && grew(told, "duplicates"),
  /** Streams are live and the chain goes on, but nothing more is proven. */
  "not proven": (told) =>
    heldFor(undisturbed(told), ({ watermark }) => watermark === told.at(-1)?.watermark) >= STANDING_SLOTS,
  /** Streams are live, and for a while what is proven never comes near the newest slot. */
  "proven late": (told) =>
    heldFor(undisturbed(told), ({ lag }) => (lag ?? 0) >= LATE_SLOTS) >= STANDING_SLOTS,
  "waits for finality": (told) =>
    isLive(told) && told.some(({ queues }) => queues.finality >= WAITING_FOR_FINALITY),
  /** One stream of two is said to be behind the other; both are live. */
  "one is behind": (told) =>
    isLive(told) &&
    !grew(told, "reconnects") &&
    someStream(told, ({ lag, state }) => state === "live" && (lag ?? 0) >= BEHIND_SLOTS),
} satisfies Record<string, (told: Told) => boolean>;

export type StatusClaim = keyof typeof statusClaims;

/** Whether a record says that everything is followed, and proven up to almost now if audits run. */
export const tellsNoTrouble = (status: ListenerStatus, audits: boolean): boolean =>
  program(status).every(
    ({ state, streams: each }) => state === "live" && each.every(({ live }) => live === 1),
  ) &&
  (!audits || (status.lag ?? Infinity) < STANDING_SLOTS);

/** For the text of a failure. */
export const summary = (told: Told): string =>
  JSON.stringify(
    [told[0], told.at(-1)].map((status) =>
      status === undefined ? null : [status.slot, status.watermark, status.queues, streams(status)],
    ),
  );
