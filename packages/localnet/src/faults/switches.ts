import { createRandom, type Random } from "../random.ts";
import { type FaultName, type FaultPatch, faultPatch, type FaultSettings } from "./settings.ts";

export interface FaultState {
  /** Settings of the faults that are on; `next` is what is left of it. */
  readonly active: { readonly [Name in FaultName]?: FaultSettings[Name] };
  /** How often each fault struck since the endpoint started. */
  readonly fired: { readonly [Name in FaultName]?: number };
}

/** Faults of one endpoint, switched while it runs. */
export interface Faults {
  /**
   * Switches faults on (with new settings if they are on already) or, with null, off.
   * @throws {ZodError} for settings that no fault has; then nothing changes.
   */
  set(patch: FaultPatch): void;
  /** Switches all faults off. */
  clear(): void;
  state(): FaultState;
}

type Name = FaultName;

/** What the endpoint's parts ask. */
export interface FaultSwitches extends Faults {
  /** Settings of a fault that is on, else null. */
  setting<N extends Name>(name: N): FaultSettings[N] | null;
  /** Whether a fault strikes now, and with which settings; `subject` is the kind of subscription, or the method. */
  strike<N extends Name>(name: N, subject?: string): FaultSettings[N] | null;
  /** Hears the name of each fault that `set` or `clear` touched. Returns how to stop that. */
  onSwitch(listener: (name: Name) => void): () => void;
}

/** All fields that a fault can have which decide whether it strikes. */
interface Trigger {
  readonly probability?: number;
  readonly next?: number;
  readonly subscriptions?: readonly string[];
  readonly methods?: readonly string[];
}

const isAbout = ({ subscriptions, methods }: Trigger, subject: string): boolean =>
  (subscriptions ?? methods)?.includes(subject) ?? true;

/** Switches that all stand on off. The same seed and the same course of events give the same faults. */
export const createFaultSwitches = (seed: string): FaultSwitches => {
  const active = new Map<Name, Trigger>();
  const fired = new Map<Name, number>();
  const listeners = new Set<(name: Name) => void>();
  // One stream of chance for each fault, so that they do not disturb each other.
  const randoms = new Map<Name, Random>();

  const randomOf = (name: Name): Random => {
    const random = randoms.get(name) ?? createRandom(`${seed}/${name}`);
    randoms.set(name, random);
    return random;
  };

  const countDown = (name: Name, trigger: Trigger): void => {
    fired.set(name, (fired.get(name) ?? 0) + 1);
    if (trigger.next === 1) active.delete(name);
    else if (trigger.next !== undefined) active.set(name, { ...trigger, next: trigger.next - 1 });
  };

  const tell = (names: readonly Name[]): void => {
    for (const name of names) for (const listener of listeners) listener(name);
  };

  return {
    set: (patch) => {
      const entries = Object.entries(faultPatch.parse(patch)) as [Name, Trigger | null | undefined][];
      const touched = entries.filter(([, setting]) => setting !== undefined);
      for (const [name, setting] of touched) {
        if (setting) active.set(name, setting);
        else active.delete(name);
      }
      tell(touched.map(([name]) => name));
    },
    clear: () => {
      // One that struck as often as it had to may have left something behind.
      const names = new Set([...active.keys(), ...fired.keys()]);
      active.clear();
      tell([...names]);
    },
    state: () => ({
      active: Object.fromEntries(active) as FaultState["active"],
      fired: Object.fromEntries(fired),
    }),
    setting: <N extends Name>(name: N) => (active.get(name) as FaultSettings[N] | undefined) ?? null,
    strike: <N extends Name>(name: N, subject = "") => {
      const trigger = active.get(name);
      if (!trigger || !isAbout(trigger, subject)) return null;
      const { probability = 1 } = trigger;
      if (probability < 1 && !randomOf(name).chance(probability)) return null;
      countDown(name, trigger);
      return trigger as FaultSettings[N];
    },
    onSwitch: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
