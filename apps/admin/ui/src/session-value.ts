import { signal, type ReadonlySignal } from "@preact/signals";

export interface SessionValue extends ReadonlySignal<string> {
  /** Kept until the tab is closed; empty removes it. */
  readonly keep: (value: string) => void;
}

/** Text that this tab keeps over reloads, and nobody else sees: a token. Empty when there is none. */
export function sessionValue(key: string): SessionValue {
  const current = signal(sessionStorage.getItem(key) ?? "");
  return Object.assign(current, {
    keep(value: string) {
      if (value === "") sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, value);
      current.value = value;
    },
  });
}
