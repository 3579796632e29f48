import type { Logger } from "@commcoin/service/telemetry";
import { BrokerUnavailableError } from "../broker.ts";
import type { RedisNode } from "./nodes.ts";

/** A replica confirms within a round trip; one that takes longer is in trouble. */
const CONFIRM_MS = 500;
/** A replica is waited for: it may be the next master. Asked in vain for longer, publishing goes on without its word. */
const PATIENCE_MS = 5_000;
/** While there is none, it is looked for now and then. */
const PROBE_EVERY_MIN_MS = 1_000;
const PROBE_EVERY_MAX_MS = 30_000;

/** The question is not allowed, or not known. Any other refusal is of a server in trouble, or of one that is no master any more. */
const NOT_TO_BE_ASKED = /^NOPERM|unknown command/i;

/** Of `INFO replication`: a replica, and one that has the data set. One that still loads it can neither confirm nor take over. */
const ATTACHED = /^slave\d+:/m;
const IN_STEP = /^slave\d+:.*\bstate=online\b/m;

/** Makes sure that what a master acknowledged is not lost when a replica takes over. */
export interface Replication {
  /**
   * Resolves when a replica has what was written on a node's connection so far. Also when there is no replica, or none that
   * confirmed for 5 s of asking; or when Redis does not allow the question.
   * @throws {BrokerUnavailableError} when a replica that should have it does not.
   */
  confirm(node: RedisNode): Promise<void>;
}

const NONE = "there is none";
const LOADING = "it still loads the data set";

interface Standing {
  /** When a replica confirmed last; null when none did on this connection. */
  confirmedAt: number | null;
  /** Since when none does; null while one does, and before the first question. */
  missingSince: number | null;
  /** When a replica is looked for again; null while there is one. */
  probeAt: number | null;
  probeEveryMs: number;
}

/** @param now milliseconds that only grow. */
export function createReplication({
  logger,
  now,
}: {
  readonly logger: Logger;
  readonly now: () => number;
}): Replication {
  const standings = new WeakMap<RedisNode, Standing>();

  const standingOf = (node: RedisNode): Standing => {
    const existing = standings.get(node);
    if (existing !== undefined) return existing;
    const created: Standing = {
      confirmedAt: null,
      missingSince: null,
      probeAt: null,
      probeEveryMs: PROBE_EVERY_MIN_MS,
    };
    standings.set(node, created);
    // The next connection may lead to another master.
    node.commands.once("close", () => standings.delete(node));
    return created;
  };
  const goOnAlone = (node: RedisNode, standing: Standing, why: string): void => {
    if (standing.probeAt === null) {
      const fields = { redis: node.name, why };
      // A deployment without replicas is none of our business; one that lost them is.
      const isNew = standing.confirmedAt === null && (why === NONE || why === LOADING);
      if (isNew) logger.info(fields, "no replica will confirm");
      else logger.warn(fields, "no replica confirms what is published; going on without");
    }
    // One that loads can take over as soon as it has done so.
    if (why === LOADING) standing.probeEveryMs = PROBE_EVERY_MIN_MS;
    standing.probeAt = now() + standing.probeEveryMs;
    standing.probeEveryMs = Math.min(PROBE_EVERY_MAX_MS, 2 * standing.probeEveryMs);
  };
  /** null when a replica confirmed; else why not. Other commands wait behind the question: it is asked only where it may help. */
  const ask = async ({ commands }: RedisNode, { confirmedAt, probeAt }: Standing): Promise<string | null> => {
    const isExpected = confirmedAt !== null && probeAt === null;
    if (!isExpected) {
      const replication = await commands.info("replication");
      if (!IN_STEP.test(replication)) return ATTACHED.test(replication) ? LOADING : NONE;
    }
    return Number(await commands.call("WAIT", 1, CONFIRM_MS)) > 0 ? null : "none answers in time";
  };

  return {
    async confirm(node) {
      const standing = standingOf(node);
      const { probeAt } = standing;
      if (probeAt !== null && now() < probeAt) return;
      let missing: string | null;
      try {
        missing = await ask(node, standing);
      } catch (error) {
        const refusal = error instanceof Error && error.name === "ReplyError" ? error.message : null;
        if (refusal === null || !NOT_TO_BE_ASKED.test(refusal)) {
          throw new BrokerUnavailableError("Redis went away before a replica had it.", { cause: error });
        }
        goOnAlone(node, standing, refusal);
        return;
      }
      if (missing === null) {
        if (probeAt !== null) logger.info({ redis: node.name }, "a replica confirms again");
        standing.confirmedAt = now();
        standing.missingSince = null;
        standing.probeAt = null;
        standing.probeEveryMs = PROBE_EVERY_MIN_MS;
        return;
      }
      standing.missingSince ??= now();
      const isExpected = (missing !== NONE && missing !== LOADING) || standing.confirmedAt !== null;
      if (probeAt === null && isExpected && now() - standing.missingSince < PATIENCE_MS) {
        throw new BrokerUnavailableError("Redis stored it, but its replica has not got it yet.");
      }
      goOnAlone(node, standing, missing);
    },
  };
}
