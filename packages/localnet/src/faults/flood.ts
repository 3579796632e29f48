import type { Ledger } from "../ledger/ledger.ts";
import type { ActiveSubscription, SubscriptionRegistry } from "../pubsub/registry.ts";
import { toJson } from "../rpc/json.ts";
import { createRandom } from "../random.ts";
import type { FaultSwitches } from "./switches.ts";

const DEFAULT_NOTIFICATIONS = 5_000;
const DEFAULT_INTERVAL_MS = 100;
/** Slots of which transactions are named again. */
const KNOWN_SLOTS = 20;
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".split("");
/** With a first digit from 3 on, so many digits are 64 bytes. */
const SIGNATURE_DIGITS = 87;
const COUNTED_DIGITS = 12;

export interface FloodOptions {
  readonly registry: Pick<SubscriptionRegistry, "ofKind">;
  readonly ledger: Pick<Ledger, "slot" | "block">;
  /** Determines the signatures. */
  readonly seed: string;
}

/** Floods subscriptions while the fault is on. */
export const attachFlood = (faults: FaultSwitches, { registry, ledger, seed }: FloodOptions): void => {
  const random = createRandom(`${seed}/flood`);
  const prefix = Array.from({ length: SIGNATURE_DIGITS - COUNTED_DIGITS - 1 }, () =>
    random.pick(BASE58),
  ).join("");
  let timer: NodeJS.Timeout | undefined;
  let count = 0;

  const unknown = (): string => {
    let digits = "";
    for (let rest = count; digits.length < COUNTED_DIGITS; rest = Math.floor(rest / BASE58.length)) {
      digits = `${BASE58[rest % BASE58.length]}${digits}`;
    }
    return `3${prefix}${digits}`;
  };
  const known = (): readonly string[] => {
    const newest = ledger.slot("confirmed");
    return Array.from({ length: KNOWN_SLOTS }, (_, back) => ledger.block(newest - back)).flatMap(
      (block) => block?.transactions.map(({ executed }) => executed.signature) ?? [],
    );
  };
  const signatures = (kind: "unknown" | "known" | "malformed"): (() => string) => {
    if (kind === "malformed") return () => `no signature ${count}`;
    const those = kind === "known" ? known() : [];
    return those.length === 0 ? unknown : () => those[count % those.length] ?? unknown();
  };

  const send = ({ id, kind, sinks }: ActiveSubscription, method: string, result: unknown): void => {
    const text = toJson({ jsonrpc: "2.0", method, params: { result, subscription: id } });
    for (const sink of sinks) sink({ kind, id, text });
  };

  const strike = (): void => {
    const setting = faults.setting("flood");
    if (!setting) return;
    const { notifications = DEFAULT_NOTIFICATIONS, subscriptions = ["logs"], most = Infinity } = setting;
    const next = signatures(setting.signatures ?? "unknown");
    const flooded = subscriptions.flatMap((kind) => registry.ofKind(kind)).slice(0, most);
    const slot = ledger.slot("confirmed");
    for (const subscription of flooded) {
      for (let sent = 0; sent < notifications; sent += 1) {
        count += 1;
        if (subscription.kind === "slot") {
          const ahead = slot + count;
          send(subscription, "slotNotification", { slot: ahead, parent: ahead - 1, root: slot });
        } else {
          const value = { signature: next(), err: null, logs: [] };
          send(subscription, "logsNotification", { context: { slot }, value });
        }
      }
    }
    faults.strike("flood");
  };

  faults.onSwitch((name) => {
    if (name !== "flood") return;
    clearInterval(timer);
    const setting = faults.setting("flood");
    if (setting) timer = setInterval(strike, setting.intervalMs ?? DEFAULT_INTERVAL_MS).unref();
  });
};
