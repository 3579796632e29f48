/** Readers of notifications. A node's JSON is checked before anything relies on it. */

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
const isSlot = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const SIGNATURE = /^[1-9A-HJ-NP-Za-km-z]{64,88}$/;
/** Sixty-four zero bytes: the signature of a simulation, which is in no block. */
const PLACEHOLDER_SIGNATURE = "1".repeat(64);

export interface LogsNotification {
  readonly signature: string;
  readonly slot: number;
  readonly err: unknown;
}

/** @returns null when it is not what `logsSubscribe` sends; "simulation" when no transaction stands behind it. */
export function readLogsNotification(value: unknown): LogsNotification | "simulation" | null {
  if (!isObject(value) || !isObject(value["context"]) || !isObject(value["value"])) return null;
  const { slot } = value["context"];
  const { signature, err } = value["value"];
  if (!isSlot(slot) || typeof signature !== "string" || !SIGNATURE.test(signature)) return null;
  return signature === PLACEHOLDER_SIGNATURE ? "simulation" : { signature, slot, err: err ?? null };
}

export interface SlotNotification {
  readonly slot: number;
  /** Slots before it that have no block. */
  readonly skipped: number;
  /** The newest final block, as this node knows it; null when it does not say. */
  readonly root: number | null;
}

/** @returns null when it is not what `slotSubscribe` sends. */
export function readSlotNotification(value: unknown): SlotNotification | null {
  if (!isObject(value) || !isSlot(value["slot"])) return null;
  const { slot, parent, root } = value;
  const skipped = isSlot(parent) ? Math.max(0, slot - parent - 1) : 0;
  return { slot, skipped, root: isSlot(root) ? root : null };
}
