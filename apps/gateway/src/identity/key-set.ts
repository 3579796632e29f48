import { createBackoff, sleep, withDeadline } from "@commcoin/service/lifecycle";
import type { Logger } from "@commcoin/service/telemetry";
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";

/** Keys that were withdrawn stay valid for at most so long. */
const MAX_AGE_MS = 600_000;
/** Between two fetches, however many tokens name keys that are not known. Shorter than a client's patience with `connected`. */
const COOL_DOWN_MS = 5_000;
const FETCH_TIMEOUT_MS = 5_000;
/** Sets of keys have a few kilobytes. */
const MAX_BYTES = 262_144;

/** There are no keys to verify with, which says nothing about the token. */
export class KeysUnavailableError extends Error {
  constructor(options?: ErrorOptions) {
    super("The keys that verify tokens cannot be fetched.", options);
    this.name = "KeysUnavailableError";
  }
}

/** The public keys that an identity provider publishes (RFC 7517), kept up to date. */
export interface KeySet {
  /**
   * Finds the key that a token names. One that is not known yet is looked for once more: in a set that was fetched
   * after the token came.
   * @throws {KeysUnavailableError} when that set cannot be fetched.
   */
  readonly find: JWTVerifyGetKey;
  /** Fetches the keys when they are old, or when there are none. To be called about once a second. */
  refreshKeys(): void;
  /** Fetches the keys; a failure is told by `problem`. */
  start(): Promise<void>;
  problem(): string | null;
}

export function createKeySet({
  url,
  now,
  log,
  signal,
}: {
  readonly url: URL;
  readonly now: () => number;
  readonly log: Logger;
  readonly signal: AbortSignal;
}): KeySet {
  const backoff = createBackoff({ minMs: 1_000, maxMs: 30_000 });
  let keys: JWTVerifyGetKey | null = null;
  let dueAt = Number.NEGATIVE_INFINITY;
  let lastFetchAt = Number.NEGATIVE_INFINITY;
  let failing = false;
  let fetching: Promise<void> | null = null;

  const fetchKeys = async (): Promise<void> => {
    lastFetchAt = now();
    try {
      keys = createLocalJWKSet(
        await withDeadline(FETCH_TIMEOUT_MS, signal, (inTime) => download(url, inTime)),
      );
      dueAt = now() + MAX_AGE_MS;
      backoff.reset();
      if (failing) log.info({ host: url.host }, "the keys of tokens can be fetched again");
      failing = false;
    } catch (cause) {
      dueAt = now() + backoff.next();
      const reason = cause instanceof Error ? cause.message : "unknown";
      if (!failing && !signal.aborted) {
        const effect = keys === null ? "nobody can be let in" : "the last ones stay in use";
        log.warn({ host: url.host, reason }, `the keys of tokens cannot be fetched, ${effect}`);
      }
      failing = true;
      throw new KeysUnavailableError({ cause });
    }
  };
  /** One at a time, and not before the last one has cooled down; shared by all who wait. */
  const refetch = (): Promise<void> => {
    fetching ??= (async () => {
      await sleep(Math.max(0, lastFetchAt + COOL_DOWN_MS - now()), signal);
      await fetchKeys();
    })().finally(() => {
      fetching = null;
    });
    return fetching;
  };
  const current = (): JWTVerifyGetKey => {
    if (keys === null) throw new KeysUnavailableError();
    return keys;
  };

  return {
    async find(header, token) {
      if (keys === null) await refetch();
      try {
        return await current()(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      }
      await refetch();
      return current()(header, token);
    },
    refreshKeys() {
      if (now() >= dueAt && fetching === null) refetch().catch(() => null);
    },
    start: () => refetch().catch(() => undefined),
    problem: () =>
      keys === null ? "The keys that verify tokens (AUTH_JWKS_URL) could not be fetched." : null,
  };
}

async function download(url: URL, signal: AbortSignal): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    headers: { accept: "application/json, application/jwk-set+json" },
    redirect: "error",
    signal,
  });
  if (response.status !== 200 || response.body === null) throw new Error(`answered ${response.status}`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new Error(`answered more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  // Whether it is a set of keys is checked by the library.
  return JSON.parse(Buffer.concat(chunks).toString()) as JSONWebKeySet;
}
