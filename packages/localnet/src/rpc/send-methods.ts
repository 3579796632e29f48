import { z } from "zod";
import { TransactionRejected } from "../engine/engine.ts";
import { transactionErrorText } from "../engine/error-text.ts";
import type { ExecutedTransaction } from "../ledger/transaction.ts";
import type { LocalNode } from "../node.ts";
import { fromBase58 } from "../wire/base58.ts";
import { decodeTransaction, WireFormatError } from "../wire/transaction.ts";
import { encodeAccount } from "./encode-account.ts";
import { invalidParams, preflightFailure, signatureVerificationFailure } from "./errors.ts";
import { method, type RpcMethods, withContext } from "./method.ts";
import { commitment, config, contextConfig, contextSlot, encoding, readAddress, slot } from "./params.ts";

/** `PACKET_DATA_SIZE`: what fits into one packet. */
const MAX_TRANSACTION_BYTES = 1_232;
/** The same in base64 and in base58. */
const MAX_ENCODED_LENGTH = { base64: 1_644, base58: 1_683 };

const wireEncoding = z.enum(["base58", "base64"]);

const readWire = (text: string, encoding: "base58" | "base64"): Uint8Array => {
  const tooLarge = (length: number, max: number): Error =>
    invalidParams(
      `${encoding} encoded solana_transaction::versioned::VersionedTransaction too large: ${length} bytes (max: encoded/raw ${max}/${MAX_TRANSACTION_BYTES})`,
    );
  const max = MAX_ENCODED_LENGTH[encoding];
  if (text.length > max) throw tooLarge(text.length, max);
  const wire = decodeText(text, encoding);
  if (wire.length > MAX_TRANSACTION_BYTES) throw tooLarge(wire.length, max);
  try {
    decodeTransaction(wire);
    return wire;
  } catch (error) {
    if (!(error instanceof WireFormatError)) throw error;
    throw invalidParams(
      `failed to deserialize solana_transaction::versioned::VersionedTransaction: ${error.message}`,
    );
  }
};

const decodeText = (text: string, encoding: "base58" | "base64"): Uint8Array => {
  if (encoding === "base64" && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    return Uint8Array.from(Buffer.from(text, "base64"));
  }
  try {
    if (encoding === "base58") return fromBase58(text);
  } catch {
    // Answered below, as any text that is not of the encoding.
  }
  throw invalidParams(`invalid ${encoding} encoding: InvalidByte`);
};

const preflightData = (err: unknown, executed: ExecutedTransaction | null) => ({
  accounts: null,
  err,
  innerInstructions: null,
  loadedAccountsDataSize: 0,
  logs: executed?.meta.logMessages ?? [],
  replacementBlockhash: null,
  returnData: executed?.meta.returnData ?? null,
  unitsConsumed: executed?.meta.computeUnitsConsumed ?? 0,
});

/** Runs the transaction on the newest state without committing it. @throws {RpcError} -32002, -32003 */
const preflight = (node: LocalNode, wire: Uint8Array): void => {
  try {
    const executed = node.engine.simulate(wire);
    const { err } = executed.meta;
    if (err !== null) throw preflightFailure(transactionErrorText(err), preflightData(err, executed));
  } catch (error) {
    if (!(error instanceof TransactionRejected) || error.error === null) throw error;
    if (error.error === "SignatureFailure") throw signatureVerificationFailure();
    throw preflightFailure(transactionErrorText(error.error), preflightData(error.error, null));
  }
};

const simulated = (
  node: LocalNode,
  wire: Uint8Array,
  checks: { signatures: boolean; blockhash: boolean },
) => {
  try {
    return { executed: node.engine.simulate(wire, checks), err: null };
  } catch (error) {
    if (!(error instanceof TransactionRejected)) throw error;
    if (error.error === "SignatureFailure") throw signatureVerificationFailure();
    return { executed: null, err: error.error };
  }
};

/** Methods that change the chain, or try to. */
export const sendMethods: RpcMethods = {
  sendTransaction: method(
    [
      z.string(),
      config({
        encoding: wireEncoding.nullish(),
        skipPreflight: z.boolean().nullish(),
        preflightCommitment: commitment.nullish(),
        maxRetries: z.int().nullish(),
        minContextSlot: slot.nullish(),
      }),
    ],
    (node, text, options) => {
      const wire = readWire(text, options?.encoding ?? "base58");
      contextSlot(node.ledger, {
        commitment: options?.preflightCommitment,
        minContextSlot: options?.minContextSlot,
      });
      if (!options?.skipPreflight) preflight(node, wire);
      try {
        return node.send(wire);
      } catch (error) {
        // A node forwards what it did not check; that it is dropped later, nobody tells the sender.
        if (error instanceof TransactionRejected) return decodeTransaction(wire).transaction.signatures[0];
        throw error;
      }
    },
  ),

  simulateTransaction: method(
    [
      z.string(),
      config({
        encoding: wireEncoding.nullish(),
        sigVerify: z.boolean().nullish(),
        replaceRecentBlockhash: z.boolean().nullish(),
        commitment: commitment.nullish(),
        innerInstructions: z.boolean().nullish(),
        minContextSlot: slot.nullish(),
        accounts: z.object({ addresses: z.array(z.string()), encoding: encoding.nullish() }).nullish(),
      }),
    ],
    (node, text, options) => {
      const wire = readWire(text, options?.encoding ?? "base58");
      const replace = options?.replaceRecentBlockhash ?? false;
      if (replace && options?.sigVerify) {
        throw invalidParams("sigVerify may not be used with replaceRecentBlockhash");
      }
      const slot = contextSlot(node.ledger, options);
      const { executed, err } = simulated(node, wire, {
        signatures: options?.sigVerify ?? false,
        blockhash: !replace,
      });
      const requested = options?.accounts;
      const shown = requested?.addresses.map(readAddress).map((address) => {
        const changed = executed?.accounts.get(address);
        const state = changed === undefined ? node.engine.account(address) : changed;
        return state && encodeAccount(state, requested.encoding ?? "base64");
      });
      return withContext(slot, {
        ...preflightData(executed?.meta.err ?? err, executed),
        accounts: shown ?? null,
        innerInstructions: options?.innerInstructions ? (executed?.meta.innerInstructions ?? null) : null,
        replacementBlockhash: replace
          ? {
              blockhash: node.engine.latestBlockhash(),
              lastValidBlockHeight: node.ledger.block(slot)?.blockHeight,
            }
          : null,
      });
    },
  ),

  requestAirdrop: method([z.string(), slot, contextConfig], (node, text, lamports) => {
    const address = readAddress(text);
    try {
      return node.submit(node.engine.airdrop(address, BigInt(lamports))).executed.signature;
    } catch (error) {
      if (error instanceof TransactionRejected) throw invalidParams(`Invalid param: ${error.message}`);
      throw error;
    }
  }),
};
