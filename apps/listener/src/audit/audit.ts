import { sleep } from "@commcoin/service/lifecycle";
import type { Gap } from "../model/gap.ts";
import type { Lane } from "../model/lane.ts";
import type { MissedTransaction, SignatureNotification } from "../model/notification.ts";
import type { SeenSlots } from "../progress/seen-slots.ts";
import type { Watermarks } from "../progress/watermarks.ts";
import type { NodeRpc } from "../rpc/node-rpc.ts";
import { listSignatures } from "../sources/list-signatures.ts";
import { errorText } from "../support/error-text.ts";
import type { ThrottledLog } from "../support/throttled-log.ts";
import { createPageSizes } from "./page-sizes.ts";
import type { ReadingPauses } from "./reading-pauses.ts";
import { createRotation, perRoundOf } from "./rotation.ts";

export interface AuditOptions {
  readonly rpc: NodeRpc;
  /** Milliseconds between two rounds, about. */
  readonly intervalMs: number;
  readonly lanes: () => readonly Lane[];
  /** Whether an address is proven complete in another way, now or always. */
  readonly isProvenElsewhere: (address: string) => boolean;
  readonly watermarks: Watermarks;
  readonly seen: Pick<SeenSlots, "has" | "floor">;
  /** Takes what nobody had reported. */
  readonly offer: (notification: SignatureNotification) => void;
  /** Resolves when what was found can be taken. */
  readonly untilCapacity: (signal: AbortSignal) => Promise<void>;
  /** Called for each listed signature that a stream reported: it stands on the word of more than that one from now on. */
  readonly known: (signature: string) => void;
  /** Called for each transaction that no stream reported, although they were read. */
  readonly missed: MissedTransaction;
  readonly pauses: Pick<ReadingPauses, "nextRound" | "recent">;
  /** Called with all addresses before a round. */
  readonly onFollowed: (addresses: ReadonlySet<string>) => void;
  /** Called when everything of an address up to a slot was listed and brought. */
  readonly onAudited: (address: string, upTo: number) => void;
  readonly throttledLog: ThrottledLog;
  readonly largeGap: number;
  /** Takes what is too much to be listed; until it is brought, the address counts as proven elsewhere. */
  readonly onGap: (gap: Gap) => void;
}

export interface Audit {
  /** Runs until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Milliseconds since the last round that went through, or since the first began. */
  readonly ageMs: number;
}

/** Rounds of several listeners should not meet. */
const JITTER = 0.2;
/** Lists at a time. Half of the requests that a node is sent at a time by default remain for others. */
const CONCURRENCY = { min: 4, max: 16 };
/** With more lanes for each list under way, there are more at a time. */
const LANES_PER_LIST = 25;

/**
 * Lists, again and again, what happened since each watermark, and brings what no stream reported. A slot is taken for
 * complete when it was confirmed one round before: by then the node has written down what is in it, and the streams had
 * the time of a round to report it.
 */
export function createAudit({
  rpc,
  intervalMs,
  lanes,
  isProvenElsewhere,
  watermarks,
  seen,
  offer,
  untilCapacity,
  known,
  missed,
  pauses,
  onFollowed,
  onAudited,
  throttledLog,
  largeGap,
  onGap,
}: AuditOptions): Audit {
  const pageSizes = createPageSizes();
  /** Confirmed when the previous round began. */
  let ripe: number | null = null;
  let succeededAt = performance.now();

  const auditLane = async (
    { source, address }: Lane,
    upTo: number,
    head: number,
    signal: AbortSignal,
  ): Promise<void> => {
    const fromSlot = watermarks.of(address) + 1;
    if (fromSlot > upTo) return;
    const firstPage = pageSizes.of(address);
    const query = { address, fromSlot, minContextSlot: head, firstPage, largeGap, signal };
    const { entries, gap } = await listSignatures(rpc, query);
    if (signal.aborted) return;
    pageSizes.listed(address, entries.length);
    if (gap !== null) {
      onGap({ source, address, origin: "audit", from: fromSlot, to: upTo });
      return;
    }
    for (const { signature, slot, err } of entries) {
      if (slot > upTo) break;
      if (seen.has(signature, slot)) {
        known(signature);
        continue;
      }
      // Below the floor it may have been seen and forgotten; the broker knows.
      if (slot > seen.floor && !pauses.recent) missed({ signature, address, source });
      const receivedAt = performance.now();
      offer({ signature, slot, address, err, source, endpoint: null, origin: "audit", receivedAt });
    }
    watermarks.listed(address, upTo);
    onAudited(address, upTo);
  };

  const rotation = createRotation(perRoundOf(intervalMs));
  const choose = (): readonly Lane[] => {
    const all = lanes();
    const followed = new Set(all.map(({ address }) => address));
    watermarks.keep(followed);
    pageSizes.keep(followed);
    onFollowed(followed);
    for (const { address, fromSlot } of all) watermarks.begin(address, fromSlot - 1);
    return rotation.next(all.filter(({ address }) => !isProvenElsewhere(address)));
  };

  /** One lane that cannot be listed does not hold up the others. @throws the last failure, when all had their turn. */
  const auditLanes = async (
    chosen: readonly Lane[],
    upTo: number,
    head: number,
    signal: AbortSignal,
  ): Promise<void> => {
    const queue = chosen.values();
    let failure: { readonly error: unknown } | null = null;
    const work = async (): Promise<void> => {
      for (const lane of queue) {
        if (signal.aborted) return;
        try {
          await auditLane(lane, upTo, head, signal);
        } catch (error) {
          failure = { error };
        }
      }
    };
    const lists = Math.ceil(chosen.length / LANES_PER_LIST);
    const length = Math.min(CONCURRENCY.max, Math.max(CONCURRENCY.min, lists));
    await Promise.all(Array.from({ length }, work));
    if (failure !== null) throw (failure as { readonly error: unknown }).error;
  };

  const round = async (signal: AbortSignal): Promise<void> => {
    await untilCapacity(signal);
    if (signal.aborted) return;
    const head = await rpc.getSlot({ commitment: "confirmed" }).send({ abortSignal: signal });
    const upTo = ripe;
    pauses.nextRound();
    ripe = head;
    if (upTo !== null) await auditLanes(choose(), upTo, head, signal);
    succeededAt = performance.now();
  };

  return {
    async run(signal) {
      while (!signal.aborted) {
        try {
          await round(signal);
        } catch (error) {
          if (signal.aborted) break;
          throttledLog.warn({ error: errorText(error) }, "an audit did not go through");
        }
        await sleep(intervalMs * (1 - JITTER + 2 * JITTER * Math.random()), signal);
      }
    },
    get ageMs() {
      return performance.now() - succeededAt;
    },
  };
}
