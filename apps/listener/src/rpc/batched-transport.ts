import {
  isJsonRpcPayload,
  isSolanaError,
  SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR,
  type RpcTransport,
} from "@solana/kit";
import { createAbortScope } from "../abort-scope.ts";

export interface BatchOptions {
  /** Called once, when the node turns out to take no batches; tells how it said so. */
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
/** After a batch that failed otherwise; whatever it was, requests that are sent again are not to share it. */
const PAUSE_MS = 30_000;

type Config = Parameters<RpcTransport>[0];

interface Waiting {
  readonly config: Config;
  readonly resolve: (response: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The node takes no batches. */
class BatchRefused extends Error {}

function refusalThrown(error: unknown): string | null {
  if (error instanceof BatchRefused) return error.message;
  if (!isSolanaError(error, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR)) return null;
  const { statusCode } = error.context;
  return REFUSING_STATUS.has(statusCode) ? `it answered a batch with HTTP ${statusCode}` : null;
}

/** The answers of a batch, by the id of the request. One error in place of them is the answer to each. */
function readAnswers(response: unknown): (id: unknown) => unknown {
  if (Array.isArray(response)) {
    const answers = response as readonly ({ readonly id?: unknown } | null)[];
    const byId = new Map(answers.map((answer) => [answer?.id, answer]));
    return (id) => byId.get(id);
  }
  const { error } = (response ?? {}) as { readonly error?: { readonly code?: unknown } | null };
  const code = error?.code;
  if (typeof code !== "number") throw new BatchRefused("its answer to a batch is no list");
  if (REFUSING_CODES.has(code)) throw new BatchRefused(`it answered a batch with error ${code}`);
  return () => response;
}

/**
 * Transactions that are asked for in one turn of the event loop travel as JSON-RPC batches: a request of its own costs
 * each of them more, at both ends, than its answer takes to be read. Each request keeps its own signal, result and error; rate limits count
 * them one by one, as providers do (https://www.alchemy.com/docs/reference/batch-requests,
 * https://docs.metamask.io/services/how-to/make-batch-requests).
 *
 * Nodes take batches of any size that fits into a request's 50 KiB (agave, `MAX_REQUEST_BODY_SIZE`), but not all
 * providers do, and others advise against it (https://github.com/solana-developers/solana-cookbook/pull/535). One that
 * refuses an array is asked singly from then on, first of all for what was in it. After a batch that failed in another
 * way, requests travel alone for a while, so that no trouble with batches outlives the next attempt.
 */
export function createBatchedTransport(
  single: RpcTransport,
  { onRefused, later = (flush) => void setImmediate(flush), now = () => performance.now() }: BatchOptions,
): RpcTransport {
  let queue: Waiting[] = [];
  let refused = false;
  let pausedUntil = -Infinity;

  const alone = ({ config, resolve, reject }: Waiting): void => void single(config).then(resolve, reject);

  const send = async (batch: readonly Waiting[]): Promise<void> => {
    const wanted = new Set(batch);
    const request = createAbortScope();
    const leave = (waiting: Waiting): void => {
      wanted.delete(waiting);
      if (wanted.size === 0) request.abort();
    };
    const leaving = [...wanted].map((waiting) => {
      const onAbort = (): void => {
        waiting.reject(waiting.config.signal?.reason);
        leave(waiting);
      };
      waiting.config.signal?.addEventListener("abort", onAbort);
      return () => waiting.config.signal?.removeEventListener("abort", onAbort);
    });
    try {
      const payload = batch.map(({ config }) => config.payload);
      const answerTo = readAnswers(await single({ payload, signal: request.signal }));
      for (const { config, resolve, reject } of wanted) {
        const answer = answerTo((config.payload as { readonly id?: unknown }).id);
        if (answer !== undefined) resolve(answer);
        else reject(new Error("The node left a request of a batch without an answer."));
      }
    } catch (error) {
      const reason = refusalThrown(error);
      if (reason === null) pausedUntil = now() + PAUSE_MS;
      else if (!refused) {
        refused = true;
        onRefused(reason);
      }
      for (const waiting of wanted) {
        if (reason === null) waiting.reject(error);
        else alone(waiting);
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
    for (let at = 0; at < waiting.length; at += MAX_BATCH) {
      const batch = waiting.slice(at, at + MAX_BATCH);
      const [first] = batch;
      if (first !== undefined && batch.length === 1) alone(first);
      else void send(batch);
    }
  };

  return <Response>(config: Config) => {
    const { payload } = config;
    const batches = !refused && now() >= pausedUntil;
    if (!batches || !isJsonRpcPayload(payload) || payload.method !== BATCHED_METHOD) {
      return single<Response>(config);
    }
    return new Promise<Response>((resolve, reject) => {
      if (queue.length === 0) later(flush);
      queue.push({ config, resolve: resolve as (response: unknown) => void, reject });
    });
  };
}
