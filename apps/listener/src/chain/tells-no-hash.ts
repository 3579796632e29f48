import { NodeError } from "../rpc/node-error.ts";

const METHOD_NOT_FOUND = -32_601;
/** Of providers that leave methods out, and have codes of their own for it. */
const REFUSING_WORDS =
  /method.*(not (found|supported|available|allowed|enabled)|disabled|blocked)|unsupported method/i;

/** Whether a node answered that it has no method for its genesis hash. */
export const tellsNoHash = (error: unknown): boolean =>
  error instanceof NodeError &&
  (error.refusal.code === METHOD_NOT_FOUND || REFUSING_WORDS.test(error.refusal.words));
