import { NodeError } from "../rpc/node-error.ts";

/** A node answered with a status of HTTP. */
export const httpError = (status: number, retryAfter: string | null = null, words = ""): NodeError =>
  new NodeError({ code: null, status, words, retryAfter });

/** A node answered with an error of JSON-RPC. */
export const rpcError = (code: number, words = "no"): NodeError =>
  new NodeError({ code, status: null, words, retryAfter: null });
