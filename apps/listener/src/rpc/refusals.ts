import { errorText } from "../support/error-text.ts";
import { NodeError } from "./node-error.ts";

/** What a node last said in place of what it was asked for. */
export interface EndpointRefusal {
  readonly endpoint: string;
  /** Of JSON-RPC, else of HTTP; null where it gave none. */
  readonly code: number | null;
  readonly message: string;
  readonly ageMs: number;
}

/** Keeps what nodes said last, for the status and for whoever asks why nothing comes. */
export interface Refusals {
  note(endpoint: string, error: unknown): Pick<EndpointRefusal, "code" | "message">;
  /** Of the last five minutes, by endpoint. */
  list(): readonly EndpointRefusal[];
  /** What was said in the last minute, to be put behind a sentence; empty when nothing was. */
  recent(): string;
}

const KEPT_MS = 300_000;
const RECENT_MS = 60_000;
/** As long as the status has room for. */
const MAX_MESSAGE = 256;

const nodeErrorIn = (error: unknown): NodeError | null => {
  if (error instanceof NodeError) return error;
  return error instanceof Error && error.cause !== undefined ? nodeErrorIn(error.cause) : null;
};

export function createRefusals(now: () => number = () => performance.now()): Refusals {
  const last = new Map<
    string,
    { readonly code: number | null; readonly message: string; readonly at: number }
  >();
  const list = (maxAgeMs: number): readonly EndpointRefusal[] =>
    [...last].flatMap(([endpoint, { code, message, at }]) => {
      const ageMs = now() - at;
      return ageMs > maxAgeMs ? [] : [{ endpoint, code, message, ageMs }];
    });
  return {
    note(endpoint, error) {
      const { code, status } = nodeErrorIn(error)?.refusal ?? { code: null, status: null };
      const message = errorText(error).slice(0, MAX_MESSAGE);
      const refusal = { code: code ?? status, message };
      last.set(endpoint, { ...refusal, at: now() });
      return refusal;
    },
    list: () => list(KEPT_MS),
    recent: () =>
      list(RECENT_MS)
        .map(({ endpoint, message }) => ` ${endpoint}: ${message}`)
        .join(""),
  };
}
