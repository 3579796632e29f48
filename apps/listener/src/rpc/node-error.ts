/** What a node said in place of a result. Plain data, so that it can go from one thread to another. */
export interface Refusal {
  /** Of JSON-RPC; null where it gave none. */
  readonly code: number | null;
  /** Of HTTP, where it is none that brings a result; else null. */
  readonly status: number | null;
  /** In the node's own words, bounded and printable; may be empty. */
  readonly words: string;
  /** The header `Retry-After`, as it came; null where there was none. */
  readonly retryAfter: string | null;
}

function introduce({ code, status }: Refusal): string {
  const error = code === null ? "" : `error ${code}`;
  if (status !== null) return `The node answered with HTTP ${status}${error === "" ? "" : ` and ${error}`}`;
  return `The node answered with ${error === "" ? "something that is not JSON-RPC" : error}`;
}

/**
 * A node answered, and not with a result. The error has the node's code and words, never what a library knows about
 * such a code: providers use codes for something else than Solana's own nodes do.
 */
export class NodeError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`${introduce(refusal)}${refusal.words === "" ? "." : `: ${refusal.words}`}`);
    this.name = "NodeError";
    this.refusal = refusal;
  }
}

/** The JSON-RPC code that a request failed with; null where it failed without one. */
export const codeOf = (error: unknown): number | null =>
  error instanceof NodeError ? error.refusal.code : null;
