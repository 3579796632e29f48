const OPCODE_PING = 0x9;
const OPCODE_CLOSE = 0x8;
const OPCODE_BITS = 0x0f;
const LENGTH_BITS = 0x7f;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

export interface FrameEvents {
  /** How many messages began. */
  messages(count: number): void;
  /** The bytes of one message; only when payloads are wanted. */
  payload(bytes: Buffer): void;
  ping(): void;
  /** @param code 0 when there is none. */
  close(code: number): void;
}

/**
 * Finds the frames of a WebSocket server in what arrives (RFC 6455 §5.2): unmasked, uncompressed, in one piece. Skips
 * payloads that nobody wants, so that a load generator costs less than what it measures. What is pushed may be used again.
 */
export class FrameReader {
  readonly #events: FrameEvents;
  readonly #wantsPayload: boolean;
  #rest: Buffer | null = null;
  #skip = 0;

  constructor(wantsPayload: boolean, events: FrameEvents) {
    this.#wantsPayload = wantsPayload;
    this.#events = events;
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = null;
    let at = this.#skip;
    let messages = 0;
    while (at < bytes.length) {
      const header = headerLength(bytes, at);
      if (at + header > bytes.length) break;
      const length = payloadLength(bytes, at, header);
      const opcode = (bytes[at] ?? 0) & OPCODE_BITS;
      const isMessage = opcode !== OPCODE_PING && opcode !== OPCODE_CLOSE;
      if (opcode === OPCODE_CLOSE && at + header + length > bytes.length) break;
      if (isMessage && this.#wantsPayload) {
        if (at + header + length > bytes.length) break;
        this.#events.payload(bytes.subarray(at + header, at + header + length));
      }
      if (isMessage) messages += 1;
      else if (opcode === OPCODE_PING) this.#events.ping();
      else this.#events.close(length < 2 ? 0 : bytes.readUInt16BE(at + header));
      at += header + length;
    }
    if (at < bytes.length) this.#rest = Buffer.from(bytes.subarray(at));
    this.#skip = Math.max(0, at - bytes.length);
    if (messages > 0) this.#events.messages(messages);
  }
}

function headerLength(bytes: Buffer, at: number): number {
  const short = (bytes[at + 1] ?? 0) & LENGTH_BITS;
  return short === LENGTH_16 ? 4 : short === LENGTH_64 ? 10 : 2;
}

function payloadLength(bytes: Buffer, at: number, header: number): number {
  if (header === 4) return bytes.readUInt16BE(at + 2);
  if (header === 10) return Number(bytes.readBigUInt64BE(at + 2));
  return (bytes[at + 1] ?? 0) & LENGTH_BITS;
}
