import type { Lease, Leases } from "@commcoin/broker";
import { sleep, systemClock, type Clock } from "@commcoin/service/lifecycle";
import { createAbortScope } from "../support/abort-scope.ts";
import { errorText } from "../support/error-text.ts";
import type { ThrottledLog } from "../support/throttled-log.ts";
import { nextLeadership, type LeadershipEvent, type LeadershipState } from "./leadership-state.ts";

/** The time in which one listener publishes. */
export interface Term {
  /** Number of the lease, to be sent with everything that is published. */
  readonly fence: number;
  /** Aborted when the lease is lost or may have been lost. */
  readonly ended: AbortSignal;
  /** Whether the lease is still held, by the clock: true before `ended` was aborted only if no time was lost meanwhile. */
  holds(): boolean;
  /** Tells that a newer holder publishes. */
  lost(): void;
}

export interface LeadershipOptions {
  readonly leases: Leases;
  readonly name: string;
  readonly holder: string;
  readonly ttlMs: number;
  /** Called at the beginning of each term; the next one begins after its promise is fulfilled. Must not reject. */
  readonly lead: (term: Term) => Promise<void>;
  readonly throttledLog: ThrottledLog;
  readonly clock?: Clock;
  /** Waits; the real clock by default. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Leadership {
  /** Runs for the lease, and holds it while it has it, until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  readonly role: LeadershipState["role"];
  /** Why the lease could not be asked for the last time; null when it could. */
  problem(): string | null;
}

/** Renewed so often within its time: one failed attempt does no harm. */
const RENEWALS_PER_TTL = 3;
/** Looked for so often within its time while somebody else has it. */
const ATTEMPTS_PER_TTL = 6;
/** This part of the lease's time is not used: clocks do not run equally fast, and what was sent arrives later. */
const MARGIN = 1 / 6;

export function createLeadership({
  leases,
  name,
  holder,
  ttlMs,
  lead,
  throttledLog,
  clock = systemClock,
  wait = sleep,
}: LeadershipOptions): Leadership {
  let state: LeadershipState = { role: "standby" };
  let scope: AbortController | null = null;
  let leading: Promise<void> = Promise.resolve();
  let problem: string | null = null;

  const apply = (event: LeadershipEvent): void => {
    const from = state;
    state = nextLeadership(state, event);
    if (from.role === "leader" && state.role !== "leader") scope?.abort();
    if (from.role === "leader" || state.role !== "leader") return;
    const { fence } = state.lease;
    const ended = createAbortScope();
    scope = ended;
    leading = lead({
      fence,
      ended: ended.signal,
      holds() {
        apply({ type: "time", now: clock.monotonic() });
        return !ended.signal.aborted;
      },
      lost() {
        if (!ended.signal.aborted) apply({ type: "lost" });
      },
    });
  };

  /** Asks for the lease or for more time; the answer counts from before the question. */
  const ask = async (current: LeadershipState): Promise<void> => {
    const until = clock.monotonic() + ttlMs * (1 - MARGIN);
    if (current.role !== "leader") {
      const lease = await leases.acquire(name, holder, ttlMs);
      if (lease !== null) apply({ type: "granted", lease, until });
      return;
    }
    const { lease } = current;
    const extended = await leases.renew(lease, ttlMs);
    if (state.role !== "leader" || state.lease.fence !== lease.fence) return;
    apply(extended ? { type: "granted", lease, until } : { type: "lost" });
  };

  const askInTime = async (signal: AbortSignal): Promise<void> => {
    const inTime = createAbortScope();
    const answered = (): void => {
      problem = null;
    };
    const asked = ask(state).then(answered, (error: unknown) => {
      problem = `The lease cannot be asked for: ${errorText(error)}`;
      if (!signal.aborted) throttledLog.warn({ error: errorText(error) }, "cannot ask for the lease");
    });
    await Promise.race([asked, wait(ttlMs / RENEWALS_PER_TTL, inTime.signal)]);
    inTime.abort();
  };

  const pauseMs = ({ role }: LeadershipState): number =>
    ttlMs / (role === "leader" ? RENEWALS_PER_TTL : ATTEMPTS_PER_TTL);

  return {
    async run(signal) {
      const timer = setInterval(
        () => apply({ type: "time", now: clock.monotonic() }),
        ttlMs / ATTEMPTS_PER_TTL / 2,
      );
      while (!signal.aborted) {
        apply({ type: "time", now: clock.monotonic() });
        // A term must be over before the next one: what it left undone is what the next one begins with.
        if (state.role === "standby") await leading;
        if (signal.aborted) break;
        await askInTime(signal);
        await wait(pauseMs(state), signal);
      }
      clearInterval(timer);
      const last: Lease | null = state.role === "leader" ? state.lease : null;
      apply({ type: "stop" });
      await leading;
      if (last === null) return;
      try {
        await leases.release(last);
      } catch (error) {
        throttledLog.warn({ error: errorText(error) }, "cannot give the lease back; it runs out by itself");
      }
    },
    problem: () => problem,
    get role() {
      return state.role;
    },
  };
}
