import { createJsonRpcApi, createRpc, type Rpc, type RpcTransport } from "@solana/kit";
import { errorIn } from "./read-answer.ts";
import type { TransactionError } from "../decode/decoded-transaction.ts";

/** The newest version that is understood: 1 is decoded like 0. A node that knows no version 1 has none to give. */
export const MAX_TRANSACTION_VERSION = 1;

/** One entry of `getSignaturesForAddress`, as far as it is used here. */
export interface SignatureEntry {
  readonly signature: string;
  readonly slot: number;
  readonly err: unknown;
}

export interface AccountInfo {
  readonly owner: string;
  readonly data: readonly [string, "base64"];
}

/**
 * The methods that the listener uses, with results as plain JSON brings them: numbers are numbers. Kit's own API turns
 * every integer of a response into `bigint`, which costs more than parsing it.
 */
// oxlint-disable-next-line typescript/consistent-type-definitions -- kit asks for an index signature
export type NodeRpcApi = {
  /** The transaction, to be decoded; null while the node does not know it at this commitment. */
  getTransaction(
    signature: string,
    config: {
      readonly encoding: "json";
      readonly commitment: "confirmed" | "finalized";
      readonly maxSupportedTransactionVersion: number;
    },
  ): unknown;
  /** The newest first. */
  getSignaturesForAddress(
    address: string,
    config: {
      readonly limit: number;
      readonly before?: string;
      readonly commitment: "confirmed" | "finalized";
      readonly minContextSlot?: number;
    },
  ): readonly SignatureEntry[];
  /** The signatures of a block, in its order; null where a node has no block. */
  getBlock(
    slot: number,
    config: {
      readonly transactionDetails: "signatures";
      readonly rewards: false;
      readonly commitment: "confirmed";
      readonly maxSupportedTransactionVersion: number;
    },
  ): { readonly signatures: readonly string[] } | null;
  /** A block without its content. */
  getBlock(
    slot: number,
    config: {
      readonly transactionDetails: "none";
      readonly rewards: false;
      readonly commitment: "finalized";
      readonly maxSupportedTransactionVersion: number;
    },
  ): { readonly parentSlot: number } | null;
  /** Slots with a block, of those that have reached the commitment. */
  getBlocks(
    from: number,
    to: number,
    config: { readonly commitment: "confirmed" | "finalized" },
  ): readonly number[];
  /** In the order of the signatures; null where no block holds one. */
  getSignatureStatuses(
    signatures: readonly string[],
    config: { readonly searchTransactionHistory: true },
  ): {
    readonly value: readonly ({
      readonly slot: number;
      readonly err: TransactionError | null;
      readonly confirmationStatus: "processed" | "confirmed" | "finalized" | null;
    } | null)[];
  };
  /** Names the network. */
  getGenesisHash(): string;
  getSlot(config: { readonly commitment: "confirmed" }): number;
  /** In the order of the addresses; null where there is no account. */
  getMultipleAccounts(
    addresses: readonly string[],
    config: {
      readonly encoding: "base64";
      readonly commitment: "confirmed";
      /** The part of each account's data that is sent, in bytes. */
      readonly dataSlice: { readonly offset: number; readonly length: number };
    },
  ): { readonly value: readonly (AccountInfo | null)[] };
};

export type NodeRpc = Rpc<NodeRpcApi>;

const asItIs = (text: string): string => text;

/** Kit's typed RPC over a transport. What is not a result is thrown as a `NodeError`. */
export const createNodeRpc = (transport: RpcTransport): NodeRpc =>
  createRpc({
    transport,
    api: createJsonRpcApi<NodeRpcApi>({
      // Kit lets the caller name the result's type; what it is, is checked where it is used.
      // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
      responseTransformer: <Result>(response: unknown): Result => {
        const error = errorIn(response, asItIs);
        if (error !== null) throw error;
        return (response as { readonly result: Result }).result;
      },
    }),
  });
