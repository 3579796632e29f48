import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { constants, gunzip } from "node:zlib";

const unzip = promisify(gunzip);

/** Several times the longest list or batch of transactions: what never ends is recognised at once, however fast it comes. */
const MAX_ANSWER_BYTES = 16_777_216;
/** Several times the largest block there was, and well below what V8 can hold as a string. */
export const MAX_BLOCK_BYTES = 134_217_728;
/** Of what comes in place of an answer, only the beginning is read: there is what the node has to say. */
const MAX_EXCERPT_BYTES = 8_192;
/** A page that takes longer is not worth that the next node is asked later. */
const MAX_EXCERPT_MS = 500;

/** A node's answer is longer than anything that it can be asked for. */
export class AnswerTooLong extends Error {
  constructor(maxBytes: number) {
    super(`The node's answer has more than ${maxBytes} bytes.`);
    this.name = "AnswerTooLong";
  }
}

const isZipped = (encoding: unknown): boolean =>
  typeof encoding === "string" && encoding.trim().toLowerCase() === "gzip";

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const OPENS_JSON = new Set(Buffer.from("{["));
const WHITESPACE = new Set(Buffer.from(" \t\r\n"));

/** Whether bytes can be the beginning of an object or a list. */
export function beginsLikeJson(bytes: Buffer): boolean {
  if (BYTE_ORDER_MARK.subarray(0, bytes.length).equals(bytes)) return true;
  const start = bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (!WHITESPACE.has(byte)) return OPENS_JSON.has(byte);
  }
  return true;
}

/** @param isPlain whether it is text as it comes: a page in place of an answer is then given up at its beginning. */
function readBytes(body: Readable, maxBytes: number, isPlain: boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    body.once("data", (chunk: Buffer) => {
      if (!isPlain || beginsLikeJson(chunk)) return;
      body.removeAllListeners("data");
      resolve(readBeginning(body, chunk));
    });
    body.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > maxBytes) body.destroy(new AnswerTooLong(maxBytes));
    });
    body.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    body.on("error", reject);
    body.on("close", () => reject(new Error("The node hung up in the middle of its answer.")));
  });
}

/**
 * Reads the body of an answer, uncompressed or as gzip; of what begins like no JSON, and is not compressed,
 * only the beginning.
 * @throws {AnswerTooLong} when it is longer than `maxBytes`, as it comes or when it is inflated; the connection is gone then.
 */
export async function readText(
  body: Readable,
  encoding: unknown,
  maxBytes: number = MAX_ANSWER_BYTES,
): Promise<string> {
  const bytes = await readBytes(body, maxBytes, !isZipped(encoding));
  if (!isZipped(encoding)) return bytes.toString();
  try {
    return (await unzip(bytes, { maxOutputLength: maxBytes })).toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw new AnswerTooLong(maxBytes);
    throw error;
  }
}

/** @param first what was read of it already. */
function readBeginning(body: Readable, first: Buffer = Buffer.alloc(0)): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks = [first];
    let bytes = first.length;
    const finish = (): void => {
      clearTimeout(timer);
      // The connection can only be used again when the body was read to its end.
      if (!body.readableEnded) body.destroy();
      resolve(Buffer.concat(chunks).subarray(0, MAX_EXCERPT_BYTES));
    };
    const timer = setTimeout(finish, MAX_EXCERPT_MS);
    body.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > MAX_EXCERPT_BYTES) finish();
    });
    body.on("end", finish);
    body.on("error", finish);
    body.on("close", finish);
    if (bytes > MAX_EXCERPT_BYTES) finish();
  });
}

/**
 * The beginning of a body that is no answer: some KiB at most, and what comes at once. If there is more, its connection is
 * given up. Never rejects.
 */
export async function readExcerpt(body: Readable, encoding: unknown): Promise<string> {
  const bytes = await readBeginning(body);
  if (!isZipped(encoding)) return bytes.toString();
  try {
    // What is cut off is inflated as far as it goes.
    const options = { maxOutputLength: 64 * MAX_EXCERPT_BYTES, finishFlush: constants.Z_SYNC_FLUSH };
    return (await unzip(bytes, options)).toString("utf8", 0, MAX_EXCERPT_BYTES);
  } catch {
    return "";
  }
}
