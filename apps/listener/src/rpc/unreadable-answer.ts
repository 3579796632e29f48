import { NodeError } from "./node-error.ts";

/** A node answered with a result that is none of what it was asked for. That proves nothing: another one may know better. */
export class UnreadableAnswer extends NodeError {
  /** What came in place of it. */
  readonly result: unknown;

  constructor(method: string, reason: string, result: unknown) {
    super({ code: null, status: null, words: "", retryAfter: null });
    this.name = "UnreadableAnswer";
    this.message = `The node's answer to ${method} cannot be read: ${reason}.`;
    this.result = result;
  }
}
