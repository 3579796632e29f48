import { setTimeout as delay } from "node:timers/promises";
import type { Broker } from "@commcoin/broker";
import type { Localnet } from "@commcoin/localnet";
import type { Recording } from "./recording.ts";

export const SLOT_MS = 100;
/** Without an audit there is no watermark to wait for: nothing comes any more when nothing came for so long. */
const QUIET_MS = 5_000;
const SETTLE_MS = 90_000;
const POLL_MS = 200;

const leaderWatermark = async (broker: Broker): Promise<number> => {
  const servers = await broker.registry.servers();
  const leading = servers.filter(({ service, counts }) => service === "listener" && counts.leader === 1);
  return leading.length === 1 ? (leading[0]?.counts.watermark ?? -1) : -1;
};

/** Lets the chain go on without transactions for as long as something takes. */
export async function withEmptySlots<Result>(
  localnet: Localnet,
  work: () => Promise<Result>,
): Promise<Result> {
  const slots = setInterval(() => localnet.advance(), SLOT_MS);
  try {
    return await work();
  } finally {
    clearInterval(slots);
  }
}

/** Waits until the listeners have told everything. @returns why they did not. */
export async function settle(
  localnet: Localnet,
  {
    broker,
    recording,
    audit,
  }: { readonly broker: Broker; readonly recording: Recording; readonly audit: boolean },
  isComplete: () => boolean,
): Promise<string | null> {
  const { ledger } = localnet;
  const end = ledger.openSlot();
  const deadline = performance.now() + SETTLE_MS;
  let watermark = -1;
  let size = -1;
  let quietSince = performance.now();
  while (performance.now() < deadline) {
    await delay(POLL_MS);
    if (size !== recording.size) {
      size = recording.size;
      quietSince = performance.now();
    }
    const isQuiet = performance.now() - quietSince > QUIET_MS;
    watermark = await leaderWatermark(broker).catch(() => -1);
    if (audit ? watermark < end : ledger.slot("finalized") < end) continue;
    if (!isQuiet && !isComplete()) continue;
    await recording.catchUp();
    return null;
  }
  return `watermark at ${watermark} instead of ${end} after ${SETTLE_MS / 1_000} s`;
}
