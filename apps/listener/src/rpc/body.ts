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

function readBytes(body: Readable, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
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
 * Reads the body of an answer, uncompressed or as gzip.
 * @throws {AnswerTooLong} when it is longer than `maxBytes`, as it comes or when it is inflated; the connection is gone then.
 */
export async function readText(
  body: Readable,
  encoding: unknown,
  maxBytes: number = MAX_ANSWER_BYTES,
): Promise<string> {
  const bytes = await readBytes(body, maxBytes);
  if (!isZipped(encoding)) return bytes.toString();
  try {
    return (await unzip(bytes, { maxOutputLength: maxBytes })).toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw new AnswerTooLong(maxBytes);
    throw error;
  }
}

function readBeginning(body: Readable): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
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
