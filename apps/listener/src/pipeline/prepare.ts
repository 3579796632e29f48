import type { Logger } from "@commcoin/service/telemetry";
import type { DecodeTransaction } from "../decode/decode-transaction.ts";
import type { DecodedTransaction } from "../decode/decoded-transaction.ts";
import { readEnvelope } from "../decode/envelope.ts";
import type { CoinNames } from "../events/coin-messages.ts";
import type { NameLookup } from "../metadata/name-lookup.ts";
import type { ListenerMetrics } from "../metrics/listener-metrics.ts";
import type { SignatureNotification } from "../model/notification.ts";
import { errorText } from "../support/error-text.ts";
import type { Placed } from "./chain-place.ts";
import { hasCutLogs, readIndex } from "./said-by-node.ts";
import type { SignatureLine, Taken } from "./signature-line.ts";
import type { TransactionAsking } from "./transaction-asking.ts";
import type { Unavailable } from "./unavailable.ts";

export type Names = ReadonlyMap<string, CoinNames>;

/** A transaction with all that has to be known to publish it. */
export interface Prepared extends Placed {
  readonly notification: SignatureNotification;
  readonly transaction: DecodedTransaction;
  readonly names: Names;
}

export interface PrepareOptions {
  readonly decode: DecodeTransaction;
  readonly names: NameLookup;
  readonly asking: Pick<TransactionAsking, "ask">;
  readonly unavailable: Pick<Unavailable, "lose" | "disown">;
  readonly line: Pick<SignatureLine, "done" | "push">;
  /** Whether nothing more is taken. */
  readonly isClosed: () => boolean;
  /** Whether any address that is followed is among these. */
  readonly mentionsFollowed: (accounts: readonly string[]) => boolean;
  readonly log: Logger;
  readonly metrics: Pick<ListenerMetrics, "decodeErrors" | "truncatedLogs">;
}

/** Fetches and decodes a transaction, several at a time; null where there is nothing to publish. Never rejects. */
export type Prepare = (taken: Taken, signal: AbortSignal) => Promise<Prepared | null>;

export function createPrepare({
  decode,
  names,
  asking,
  unavailable,
  line,
  isClosed,
  mentionsFollowed,
  log,
  metrics,
}: PrepareOptions): Prepare {
  const findNames = async ({ creates }: DecodedTransaction, signal: AbortSignal): Promise<Names> => {
    const nameless = creates.filter(({ metadata }) => metadata === null).map(({ mint }) => mint);
    const found = new Map<string, CoinNames>();
    const lookUp = async (mint: string): Promise<void> => {
      const coin = await names.find(mint, signal);
      if (coin !== null) found.set(mint, coin);
    };
    await Promise.all(nameless.map(lookUp));
    return found;
  };

  const read = ({ signature, slot }: SignatureNotification, json: unknown): DecodedTransaction | null => {
    try {
      return decode(json);
    } catch (error) {
      metrics.decodeErrors.inc();
      log.error({ signature, slot, error: errorText(error) }, "a transaction cannot be decoded");
    }
    try {
      return readEnvelope(json);
    } catch {
      return null;
    }
  };

  /** What a node gives, or null. Where it steps aside, nothing waits for it: when it is there, it takes its place in the line. */
  const fetch = (taken: Taken, signal: AbortSignal): Promise<unknown> =>
    new Promise((resolve) => {
      let isAside = false;
      const asked = asking.ask(taken, signal, () => {
        isAside = true;
        resolve(null);
      });
      void asked.then((json) => {
        line.done(taken);
        if (!isAside) resolve(json);
        // After the end it stays unfinished: the next publisher begins before it.
        else if (json !== null && !isClosed()) line.push(taken.notification, undefined, json);
      });
    });

  return async (taken, signal) => {
    const { notification, content } = taken;
    if (content !== undefined) {
      const { transaction, index } = content;
      const found = await findNames(transaction, signal);
      const { signature, slot } = transaction;
      return { notification, transaction, names: found, signature, slot, index };
    }
    const json = taken.json ?? (await fetch(taken, signal));
    if (json === null) return null;
    const transaction = read(notification, json);
    if (transaction === null) {
      unavailable.lose(taken, { reason: "nothing of it can be read", final: false });
      return null;
    }
    if (hasCutLogs(json)) metrics.truncatedLogs.inc();
    const { signature, slot, accounts } = transaction;
    const isMentioned = accounts.includes(notification.address) || mentionsFollowed(accounts);
    if (!isMentioned && transaction.instructions.length > 0) {
      // What cannot be read has the benefit of the doubt.
      unavailable.disown(notification);
      return null;
    }
    const found = await findNames(transaction, signal);
    return { notification, transaction, names: found, signature, slot, index: readIndex(json) };
  };
}
