import { whenAborted } from "@commcoin/service/lifecycle";
import { isJsonRpcPayload, type RpcTransport } from "@solana/kit";
import { createAbortScope } from "../support/abort-scope.ts";
import { NodeError } from "./node-error.ts";
import { errorIn } from "./read-answer.ts";
import { isRateLimit } from "./transient.ts";
import { RequestTimeout } from "./with-timeout.ts";

export interface BatchOptions {
  /** Called once, when the node turns out to take no batches but single requests; tells how it said so. */
  readonly onRefused: (reason: string) => void;
  /** Calls back at the end of this turn of the event loop. */
  readonly later?: (flush: () => void) => void;
  readonly now?: () => number;
}

/**
 * What is asked for in bursts, and published only when all of a slot is there: that one answer waits for the others of
 * its batch costs nothing then.
 */
const BATCHED_METHOD = "getTransaction";
/**
 * A slot of a busy coin, in one piece; few enough that of a larger burst, from a node that works on a batch one after the
 * other, the first answers are read while it works on the next.
 */
const MAX_BATCH = 20;
/** How those refuse an array who take none. Any other status may be the answer to a single request as well. */
const REFUSING_STATUS: ReadonlySet<number> = new Set([400, 403, 404, 405, 413, 415, 422, 501]);
/** Of JSON-RPC, for what is not understood as a request. */
const REFUSING_CODES: ReadonlySet<number> = new Set([-32_700, -32_600, -32_601, -32_602]);
/** So long, batches are smaller after one that failed, or there are none. */
const CAUTION_MS = 30_000;

type Config = Parameters<RpcTransport>[0];

interface Waiting {
  readonly config: Config;
  readonly resolve: (response: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The node seems to take no batches. */
class BatchRefused extends Error {}

function refusalThrown(error: unknown): string | null {
  if (error instanceof BatchRefused) return error.message;
  if (!(error instanceof NodeError) || isRateLimit(error)) return null;
  const { status } = error.refusal;
  return status !== null && REFUSING_STATUS.has(status) ? `it answered a batch with HTTP ${status}` : null;
}

const isRateLimited = (answer: unknown): boolean => isRateLimit(errorIn(answer, (text) => text));

/** The answers of a batch, by the id of the request. One error in place of them is the answer to each. */
function readAnswers(response: unknown): (id: unknown) => unknown {
  if (Array.isArray(response)) {
    const answers = response as readonly ({ readonly id?: unknown } | null)[];
    const byId = new Map(answers.map((answer) => [answer?.id, answer]));
    return (id) => byId.get(id);
  }
  if (isRateLimited(response)) return () => response;
  const code = errorIn(response, (text) => text)?.refusal.code ?? null;
  if (code === null) throw new BatchRefused("its answer to a batch is no list");
  if (REFUSING_CODES.has(code)) throw new BatchRefused(`it answered a batch with error ${code}`);
  return () => response;
}

/**
 * Transactions that are asked for in one turn of the event loop travel as JSON-RPC batches: a request of its own costs
 * each of them more, at both ends, than its answer takes to be read. Each request keeps its own signal, result and error;
 * rate limits count them one by one, as providers do (https://www.alchemy.com/docs/reference/batch-requests,
 * https://docs.metamask.io/services/how-to/make-batch-requests).
 *
 * Nodes take batches of any size that fits into a request's 50 KiB (agave, `MAX_REQUEST_BODY_SIZE`), but not all
 * providers do, and others advise against it (https://github.com/solana-developers/solana-cookbook/pull/535). What was in
 * a batch that is refused is asked singly at once; where that works, the node is never sent a batch again. A rate limit
 * may be too low for the whole batch: the next ones are half as large for a while. After a batch that failed in another
 * way, requests travel alone for a while, so that no trouble with batches outlives the next attempt.
 */
export function createBatchedTransport(
  single: RpcTransport,
  { onRefused, later = (flush) => void setImmediate(flush), now = () => performance.now() }: BatchOptions,
): RpcTransport {
  let queue: Waiting[] = [];
  let refused = false;
  let cautiousSize = MAX_BATCH;
  let cautiousUntil = -Infinity;

  /** The largest batch at present; 1 for none. */
  const largest = (): number => (refused ? 1 : now() < cautiousUntil ? cautiousSize : MAX_BATCH);
  const beCautious = (size: number): void => {
    cautiousSize = Math.max(1, Math.min(size, largest()));
    cautiousUntil = now() + CAUTION_MS;
  };

  const alone = ({ config, resolve, reject }: Waiting): void => void single(config).then(resolve, reject);

  /** What is taken by itself was refused for the batch; a wrong key, for example, is refused either way. */
  const aloneInstead = async ({ config, resolve, reject }: Waiting, reason: string): Promise<void> => {
    try {
      const answer = await single(config);
      if (!refused && errorIn(answer, (text) => text) === null) {
        refused = true;
        onRefused(reason);
      }
      resolve(answer);
    } catch (error) {
      reject(error);
    }
  };

  const send = async (batch: readonly Waiting[]): Promise<void> => {
    const wanted = new Set(batch);
    const request = createAbortScope();
    const leaving = batch.map((waiting) => {
      const { signal } = waiting.config;
      const onAbort = (): void => {
        if (signal?.reason instanceof RequestTimeout) beCautious(1);
        waiting.reject(signal?.reason);
        wanted.delete(waiting);
        if (wanted.size === 0) request.abort();
      };
      return whenAborted(signal, onAbort);
    });
    try {
      const payload = batch.map(({ config }) => config.payload);
      const response = await single({ payload, signal: request.signal });
      const answers: readonly unknown[] = Array.isArray(response) ? response : [response];
      if (answers.some(isRateLimited)) beCautious(batch.length >> 1);
      const answerTo = readAnswers(response);
      for (const { config, resolve, reject } of wanted) {
        const answer = answerTo((config.payload as { readonly id?: unknown }).id);
        if (answer !== undefined) {
          resolve(answer);
          continue;
        }
        beCautious(1);
        reject(new Error("The node left a request of a batch without an answer."));
      }
    } catch (error) {
      // Nobody waits any more: it was given up.
      if (wanted.size === 0) return;
      beCautious(isRateLimit(error) ? batch.length >> 1 : 1);
      const reason = refusalThrown(error);
      for (const waiting of wanted) {
        if (reason === null) waiting.reject(error);
        else void aloneInstead(waiting, reason);
      }
    } finally {
      for (const stop of leaving) stop();
    }
  };

  const flush = (): void => {
    const waiting = queue.filter(({ config, reject }) => {
      if (config.signal?.aborted === true) reject(config.signal.reason);
      return config.signal?.aborted !== true;
    });
    queue = [];
    const size = largest();
    for (let at = 0; at < waiting.length; at += size) {
      const batch = waiting.slice(at, at + size);
      const [first] = batch;
      if (first !== undefined && batch.length === 1) alone(first);
      else void send(batch);
    }
  };

  return <Response>(config: Config) => {
    const { payload } = config;
    if (largest() === 1 || !isJsonRpcPayload(payload) || payload.method !== BATCHED_METHOD) {
      return single<Response>(config);
    }
    return new Promise<Response>((resolve, reject) => {
      if (queue.length === 0) later(flush);
      queue.push({ config, resolve: resolve as (response: unknown) => void, reject });
    });
  };
}
