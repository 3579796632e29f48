import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { wordsOf } from "../api/request.ts";

const SHOWN_MS = 8_000;
const MAX_SHOWN = 4;

interface NoticeEntry {
  readonly key: number;
  readonly text: string;
  readonly failed: boolean;
}

const shown = signal<readonly NoticeEntry[]>([]);
let nextKey = 1;

/** Tells what came of something a person did. */
export function tell(text: string, failed = false): void {
  const key = nextKey;
  nextKey += 1;
  shown.value = [...shown.value, { key, text, failed }].slice(-MAX_SHOWN);
  setTimeout(() => (shown.value = shown.value.filter((entry) => entry.key !== key)), SHOWN_MS);
}

/** Tells why something failed. */
export const tellError = (error: unknown): void => tell(wordsOf(error), true);

/** Stands above dialogs: what came of something is told while one is open, too. */
export function Notices(): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const entries = shown.value;
  useEffect(() => {
    place.current?.hidePopover();
    place.current?.showPopover();
  }, [entries]);
  return (
    <div ref={place} class="notices" popover="manual" role="status" aria-live="polite">
      {entries.map(({ key, text, failed }) => (
        <p key={key} class={failed ? "notice failed" : "notice"}>
          {text}
        </p>
      ))}
    </div>
  );
}
