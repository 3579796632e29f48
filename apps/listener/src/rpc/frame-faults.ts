/** What a node sends that is no message of the protocol; also a metric label. */
export const FRAME_FAULTS = [
  /** Nothing. */
  "empty",
  /** Text that does not even begin as JSON does, to keep a connection alive for example. */
  "text",
  /** Bytes that are no text. */
  "binary",
  /** JSON that ends too soon or is broken: a notification may be lost. */
  "broken",
  /** Longer than any notification. */
  "oversized",
  /** JSON that is neither a notification nor the answer to a request. */
  "unexpected",
  /** An answer or an error without the id of a request. */
  "no_id",
  /** The answer to no request that waits for one. */
  "unasked",
  /** A slot that the node cannot have reached. */
  "unbelievable",
  /** A notification of a node that is doubted, one of more than are read of such a node. */
  "surplus",
  /** What nobody thought of. */
  "unreadable",
] as const;
export type FrameFault = (typeof FRAME_FAULTS)[number];

/** What is wrong with a frame that cannot be parsed. */
export function faultOf(text: string, isBinary: boolean): FrameFault {
  const start = text.trimStart();
  if (start === "") return "empty";
  if (start.startsWith("{") || start.startsWith("[")) return "broken";
  return isBinary ? "binary" : "text";
}
