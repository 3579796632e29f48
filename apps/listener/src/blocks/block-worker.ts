import { parentPort, workerData } from "node:worker_threads";
import type { RpcTransport } from "@solana/kit";
import { createTransactionDecoder } from "../decode/decode-transaction.ts";
import { MAX_BLOCK_BYTES } from "../rpc/body.ts";
import { createHttpTransport } from "../rpc/http-transport.ts";
import { NodeError } from "../rpc/node-error.ts";
import { hideSecretsOf } from "../rpc/public-url.ts";
import { withNodeErrors } from "../rpc/read-answer.ts";
import { errorText } from "../support/error-text.ts";
import { readBlock } from "./read-block.ts";
import type { WorkerAnswer, WorkerRequest, WorkerSettings } from "./worker-messages.ts";

/**
 * Fetches and reads blocks beside the main thread: a block is up to ten megabytes of JSON. What goes back are decoded
 * transactions, a third of the size of their JSON and a tenth of the work for the receiver.
 */

const { commcoinProgramId } = workerData as WorkerSettings;
const decode = createTransactionDecoder({ commcoinProgramId });
const underWay = new Map<number, AbortController>();

/** Nodes are few: they are configured. */
const nodes = new Map<string, RpcTransport>();

function nodeOf(url: string): RpcTransport {
  const known = nodes.get(url);
  if (known !== undefined) return known;
  const node = withNodeErrors(createHttpTransport(url, MAX_BLOCK_BYTES), hideSecretsOf(url));
  nodes.set(url, node);
  return node;
}

async function fetchBlock(
  { id, url, payload, slot, addresses }: Exclude<WorkerRequest, { abort: number }>,
  signal: AbortSignal,
): Promise<WorkerAnswer> {
  try {
    const { result } = await nodeOf(url)<{ readonly result: unknown }>({ payload, signal });
    return { id, response: { result: result === null ? null : readBlock(result, slot, addresses, decode) } };
  } catch (error) {
    if (error instanceof NodeError) return { id, refusal: error.refusal };
    return { id, error: errorText(error) };
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
