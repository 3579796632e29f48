import { eventFrameHead, eventFrameTail, isTopic } from "@commcoin/protocol";
import type { HistoryQuery, OutgoingMessage } from "./broker.ts";
import { InvalidMessageError } from "./invalid-message-error.ts";

/**
 * Largest frame that is accepted. The biggest transaction that fits a block decodes to a tenth of it; what is larger is
 * a mistake that every subscriber would pay for.
 */
export const MAX_FRAME_BYTES = 1_048_576;

/** Of UTF-8, for one UTF-16 unit of a string. */
const MAX_BYTES_PER_CHAR = 3;

const MAX_TYPE_LENGTH = 64;
/** That of the protocol's `eventId`. */
const MAX_ID_LENGTH = 200;

/** A message as the text of its frame, but for the offset that belongs between `head` and `tail`. */
export interface EncodedMessage {
  readonly topic: string;
  readonly id: string;
  readonly head: string;
  readonly tail: string;
}

const printable = (value: unknown): string => JSON.stringify(String(value).slice(0, 80));

function encodeData({ type, id, data }: OutgoingMessage): string {
  try {
    const json: string | undefined = JSON.stringify(data);
    if (json !== undefined) return json;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidMessageError(`The data of ${type} ${printable(id)} is not JSON: ${reason}`, {
      cause: error,
    });
  }
  throw new InvalidMessageError(`The data of ${type} ${printable(id)} is not JSON: it is ${typeof data}`);
}

/** @throws {InvalidMessageError} */
function checkEnvelope(type: string, id: string, ts: number): void {
  if (typeof type !== "string" || type === "" || type.length > MAX_TYPE_LENGTH) {
    throw new InvalidMessageError(
      `${printable(type)} is not a message type: it must have 1 to ${MAX_TYPE_LENGTH} characters`,
    );
  }
  if (typeof id !== "string" || id === "" || id.length > MAX_ID_LENGTH) {
    throw new InvalidMessageError(
      `${printable(id)} is not an event id: it must have 1 to ${MAX_ID_LENGTH} characters`,
    );
  }
  if (!Number.isSafeInteger(ts) || ts < 0) {
    throw new InvalidMessageError(
      `The ts of ${type} ${printable(id)} must be Unix milliseconds, not ${printable(ts)}`,
    );
  }
}

function checkSize({ type, id }: OutgoingMessage, head: string, tail: string): void {
  // Counting takes time; of what is short even at the most bytes for each character, it is not needed.
  if ((head.length + tail.length) * MAX_BYTES_PER_CHAR <= MAX_FRAME_BYTES) return;
  const bytes = Buffer.byteLength(head) + Buffer.byteLength(tail);
  if (bytes <= MAX_FRAME_BYTES) return;
  throw new InvalidMessageError(
    `${type} ${printable(id)} has ${bytes} bytes; a message may have at most ${MAX_FRAME_BYTES}`,
  );
}

/** A valid topic, and the head of its frames of one type. */
interface Head {
  readonly topic: string;
  readonly type: string;
  readonly text: string;
}

/**
 * Checks messages and writes them as the text of event frames. Neighbours with the same id and the same `data` object,
 * which are one event for several topics, are written once and share their tail; so do messages of one topic and type
 * their head.
 * @param now Unix milliseconds, for messages that do not say when they were published.
 * @throws {InvalidMessageError}
 */
export function encodeMessages(messages: readonly OutgoingMessage[], now: number): readonly EncodedMessage[] {
  const heads = new Map<string, Head>();
  const headOf = (topic: string, type: string): Head => {
    const known = heads.get(topic);
    if (known?.type === type) return known;
    if (known === undefined) checkTopic(topic);
    const head = { topic: known?.topic ?? topic, type, text: eventFrameHead({ type, topic }) };
    heads.set(topic, head);
    return head;
  };
  let written = { id: "", ts: now, data: null as unknown, tail: "" };
  return messages.map((message) => {
    const { type, id, ts = now, data } = message;
    checkEnvelope(type, id, ts);
    const { topic, text: head } = headOf(message.topic, type);
    if (written.data !== data || written.id !== id || written.ts !== ts) {
      written = { id, ts, data, tail: eventFrameTail({ id, ts, dataJson: encodeData(message) }) };
    }
    const { tail } = written;
    checkSize(message, head, tail);
    return { topic, id, head, tail };
  });
}

/** Checks a fencing number; numbers of real leases are always valid. */
export function checkFence(fence: number | undefined): void {
  if (fence === undefined || (Number.isSafeInteger(fence) && fence >= 0)) return;
  throw new InvalidMessageError(`A fencing number must be a whole number, not ${printable(fence)}`);
}

/** @throws {InvalidMessageError} when it is not a topic. */
export function checkTopic(topic: string): void {
  if (typeof topic !== "string" || !isTopic(topic)) {
    throw new InvalidMessageError(`${printable(topic)} is not a topic: it must be name or name:argument`);
  }
}

const isCount = (value: number | undefined): boolean =>
  value === undefined || (Number.isSafeInteger(value) && value >= 0);

/** @throws {InvalidMessageError} when one of its numbers is not a whole number from 0 on. */
export function checkHistoryQuery({ since, last, limit, until, maxBytes }: HistoryQuery): void {
  if ([since?.offset, last, limit, until, maxBytes].every(isCount)) return;
  throw new InvalidMessageError(
    "since, last, limit, until and maxBytes of a history query must be whole numbers, 0 or more",
  );
}
