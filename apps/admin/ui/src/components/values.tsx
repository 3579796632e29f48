import type { JSX } from "preact";
import {
  formatDateTime,
  formatDecimal,
  formatDuration,
  formatPercent,
  formatTime,
  shorten,
} from "../format.ts";
import { tell } from "./notices.tsx";

interface NumberProps {
  readonly value: string | number | null | undefined;
  readonly unit?: string;
  readonly digits?: number;
}

/** A number for reading; the full value is shown on hover. Nothing is a dash. */
export function Num({ value, unit, digits }: NumberProps): JSX.Element {
  if (value === null || value === undefined) return <span class="faint">–</span>;
  return (
    <span class="num" title={String(value)}>
      {formatDecimal(value, digits)}
      {unit !== undefined && <span class="unit"> {unit}</span>}
    </span>
  );
}

/** A change in percent, coloured and signed. */
export function Change({ value }: { readonly value: string | null | undefined }): JSX.Element {
  if (value === null || value === undefined) return <span class="faint">–</span>;
  const number = Number(value);
  const direction = number > 0 ? "up" : number < 0 ? "down" : "";
  return (
    <span class={`num ${direction}`} title={`${value} %`}>
      {formatPercent(value)}
    </span>
  );
}

export const Duration = ({ ms }: { readonly ms: number | null | undefined }): JSX.Element =>
  ms === null || ms === undefined ? (
    <span class="faint">–</span>
  ) : (
    <span class="num" title={`${ms} ms`}>
      {formatDuration(ms)}
    </span>
  );

/** How long ago something was. */
export const Ago = ({ ms }: { readonly ms: number | null }): JSX.Element =>
  ms === null ? (
    <span class="faint">–</span>
  ) : (
    <>
      <Duration ms={ms} />
      <span class="unit"> ago</span>
    </>
  );

/** A time of day; the date as well on hover. */
export const Time = ({ ms }: { readonly ms: number }): JSX.Element => (
  <span class="num" title={formatDateTime(ms)}>
    {formatTime(ms)}
  </span>
);

/** Puts text on the clipboard and says so. */
export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell("Copied.");
  } catch {
    tell("The browser does not let this page copy.", true);
  }
}

/** An address or a signature: its ends, whole on hover, copied by a click. */
export const Address = ({ value }: { readonly value: string }): JSX.Element => (
  <button type="button" class="address" title={value} onClick={() => void copy(value)}>
    <span class="spoken">Copy </span>
    {shorten(value)}
  </button>
);

const TONES: Readonly<Record<string, string>> = {
  healthy: "good",
  ready: "good",
  live: "good",
  leader: "good",
  connected: "good",
  asked: "good",
  finalized: "good",
  suspect: "bad",
  not_ready: "bad",
  failed: "bad",
  closed: "bad",
  backing_off: "bad",
};

/** A state in words, with a colour that says the same. */
export const Badge = ({ state }: { readonly state: string }): JSX.Element => (
  <span class={`badge ${TONES[state] ?? ""}`}>{state.replaceAll("_", " ")}</span>
);
