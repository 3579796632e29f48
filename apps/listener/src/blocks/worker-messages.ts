import type { ReadBlock } from "./read-block.ts";

/** What the worker is started with. */
export interface WorkerSettings {
  readonly commcoinProgramId: string;
}

/** What is asked of the worker. */
export type WorkerRequest =
  | {
      readonly id: number;
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      /** The JSON-RPC request. */
      readonly body: string;
      readonly slot: number;
      /** Transactions that mention one of them are handed over. */
      readonly addresses: readonly string[];
    }
  /** Gives a request up; it is not answered any more. */
  | { readonly abort: number };

/** A JSON-RPC answer with the block read, or why there is none. */
export type WorkerAnswer =
  | { readonly id: number; readonly response: BlockResponse }
  | {
      readonly id: number;
      readonly httpError: {
        readonly statusCode: number;
        readonly message: string;
        readonly headers: readonly (readonly [string, string])[];
      };
    }
  | { readonly id: number; readonly error: string };

/** A JSON-RPC answer to `getBlock`; the result is null where the node says so. */
export type BlockResponse =
  | { readonly result: ReadBlock | null }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } };
