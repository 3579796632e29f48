import { parentPort, workerData } from "node:worker_threads";
import { createTransactionDecoder } from "../decode/decode-transaction.ts";
import { readObject } from "../decode/json-shape.ts";
import { readBlock } from "./read-block.ts";
import type { BlockResponse, WorkerAnswer, WorkerRequest, WorkerSettings } from "./worker-messages.ts";

/**
 * Fetches and reads blocks beside the main thread: a block is up to ten megabytes of JSON. What goes back are decoded
 * transactions, a third of the size of their JSON and a tenth of the work for the receiver.
 */

/** Longer text than V8 can hold as a string is no block. */
const MAX_BODY_BYTES = 256 * 1_024 * 1_024;

const { commcoinProgramId } = workerData as WorkerSettings;
const decode = createTransactionDecoder({ commcoinProgramId });
const underWay = new Map<number, AbortController>();

async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > MAX_BODY_BYTES) throw new Error(`The block is longer than ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function readResponse(text: string, slot: number, addresses: readonly string[]): BlockResponse {
  const { result, error } = readObject(JSON.parse(text), "The answer");
  if (error !== undefined && error !== null) {
    const { code, message, data } = readObject(error, "error");
    return { error: { code: Number(code), message: String(message), data } };
  }
  if (result === undefined) throw new Error("The node answered with something that is not JSON-RPC.");
  return { result: result === null ? null : readBlock(result, slot, addresses, decode) };
}

async function fetchBlock(
  { id, url, headers, body, slot, addresses }: Exclude<WorkerRequest, { abort: number }>,
  signal: AbortSignal,
): Promise<WorkerAnswer> {
  try {
    const response = await fetch(url, { method: "POST", headers, body, signal });
    if (!response.ok) {
      const { status: statusCode, statusText: message } = response;
      await response.body?.cancel();
      return { id, httpError: { statusCode, message, headers: [...response.headers] } };
    }
    return { id, response: readResponse(await readBody(response), slot, addresses) };
  } catch (error) {
    const { message, cause } = error as Error;
    return { id, error: cause instanceof Error ? `${message}: ${cause.message}` : message };
  }
}

parentPort?.on("message", (request: WorkerRequest) => {
  if ("abort" in request) {
    underWay.get(request.abort)?.abort();
    return;
  }
  const controller = new AbortController();
  underWay.set(request.id, controller);
  void fetchBlock(request, controller.signal).then((answer) => {
    underWay.delete(request.id);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    if (!controller.signal.aborted) parentPort?.postMessage(answer);
  });
});
