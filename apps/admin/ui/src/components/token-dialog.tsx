import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { adminToken } from "../api/request.ts";
import { Dialog } from "./dialog.tsx";

interface Question {
  readonly reason: string;
  readonly answer: (given: boolean) => void;
}

const question = signal<Question | null>(null);

/** Asks a person for the admin token. @returns whether one was given. */
export function askForToken(reason: string): Promise<boolean> {
  question.value?.answer(false);
  return new Promise((resolve) => {
    question.value = {
      reason,
      answer(given) {
        question.value = null;
        resolve(given);
      },
    };
  });
}

/** Shows the question, while there is one. */
export function TokenDialog(): JSX.Element | null {
  const id = useId();
  const asked = question.value;
  if (asked === null) return null;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const token = new FormData(event.currentTarget as HTMLFormElement).get("token");
    if (typeof token !== "string" || token.trim() === "") return;
    adminToken.keep(token.trim());
    asked.answer(true);
  };
  return (
    <Dialog title="Admin token" onCancel={() => asked.answer(false)}>
      <form onSubmit={submit}>
        <p>{asked.reason}</p>
        <label for={id}>Token (the server's ADMIN_TOKEN)</label>
        <input id={id} name="token" type="password" autocomplete="off" required spellcheck={false} />
        <p class="hint">Kept in this tab only, until it is closed.</p>
        <div class="actions">
          <button type="button" onClick={() => asked.answer(false)}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Use token
          </button>
        </div>
      </form>
    </Dialog>
  );
}
