import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { Dialog } from "./dialog.tsx";

interface Question {
  readonly title: string;
  /** What will happen. */
  readonly text: string;
  /** What the button says. */
  readonly action: string;
  readonly danger?: boolean;
}

const question = signal<(Question & { readonly answer: (yes: boolean) => void }) | null>(null);

/** Has a person confirm what changes something. */
export function confirm(asked: Question): Promise<boolean> {
  question.value?.answer(false);
  return new Promise((resolve) => {
    question.value = {
      ...asked,
      answer(yes) {
        question.value = null;
        resolve(yes);
      },
    };
  });
}

/** Shows the question, while there is one. */
export function ConfirmDialog(): JSX.Element | null {
  const asked = question.value;
  if (asked === null) return null;
  return (
    <Dialog title={asked.title} onCancel={() => asked.answer(false)}>
      <p>{asked.text}</p>
      <div class="actions">
        <button type="button" onClick={() => asked.answer(false)}>
          Cancel
        </button>
        <button
          type="button"
          class={asked.danger === true ? "danger" : "primary"}
          onClick={() => asked.answer(true)}
        >
          {asked.action}
        </button>
      </div>
    </Dialog>
  );
}
