import type { Refusal } from "../rpc/node-error.ts";
import type { ReadBlock } from "./read-block.ts";

/** What the worker is started with. */
export interface WorkerSettings {
  readonly commcoinProgramId: string;
}

/** What is asked of the worker. */
export type WorkerRequest =
  | {
      readonly id: number;
      /** The node, credentials included. */
      readonly url: string;
      /** The JSON-RPC request. */
      readonly payload: unknown;
      readonly slot: number;
      /** Transactions that mention one of them are handed over. */
      readonly addresses: readonly string[];
    }
  /** Gives a request up; it is not answered any more. */
  | { readonly abort: number };

/** A JSON-RPC answer with the block read, or why there is none. */
export type WorkerAnswer =
  | { readonly id: number; readonly response: BlockResponse }
  /** What the node said instead. */
  | { readonly id: number; readonly refusal: Refusal }
  | { readonly id: number; readonly error: string };

/** A JSON-RPC answer to `getBlock`; the result is null where the node says so. */
export interface BlockResponse {
  readonly result: ReadBlock | null;
}
