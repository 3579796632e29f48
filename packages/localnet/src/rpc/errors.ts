/** An error answer of JSON-RPC, with the code and the message that agave gives. */
export class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.name = "RpcError";
    this.code = code;
    this.data = data;
  }

  toJSON(): { code: number; message: string; data?: unknown } {
    const { code, message, data } = this;
    return data === undefined ? { code, message } : { code, message, data };
  }
}

export const parseError = (): RpcError => new RpcError(-32700, "Parse error");
export const invalidRequest = (): RpcError => new RpcError(-32600, "Invalid request");
export const methodNotFound = (): RpcError => new RpcError(-32601, "Method not found");
export const invalidParams = (message: string): RpcError => new RpcError(-32602, message);

// Codes below are those of `RpcCustomError` in agave's rpc-client-api.
export const blockCleanedUp = (slot: number, first: number): RpcError =>
  new RpcError(-32001, `Block ${slot} cleaned up, does not exist on node. First available block: ${first}`);
export const preflightFailure = (message: string, data: unknown): RpcError =>
  new RpcError(-32002, `Transaction simulation failed: ${message}`, data);
export const signatureVerificationFailure = (): RpcError =>
  new RpcError(-32003, "Transaction signature verification failure");
export const blockNotAvailable = (slot: number): RpcError =>
  new RpcError(-32004, `Block not available for slot ${slot}`);
/** `null` for a node that does not know how far it is behind. */
export const nodeUnhealthy = (numSlotsBehind: number | null): RpcError =>
  new RpcError(
    -32005,
    numSlotsBehind === null ? "Node is unhealthy" : `Node is behind by ${numSlotsBehind} slots`,
    { numSlotsBehind },
  );
export const slotSkipped = (slot: number): RpcError =>
  new RpcError(-32007, `Slot ${slot} was skipped, or missing due to ledger jump to recent snapshot`);
export const blockStatusNotAvailable = (slot: number): RpcError =>
  new RpcError(-32014, `Block status not yet available for slot ${slot}`);
export const unsupportedVersion = (version: number): RpcError =>
  new RpcError(
    -32015,
    `Transaction version (${version}) is not supported by the requesting client. Please try the request again with the following configuration parameter: "maxSupportedTransactionVersion": ${version}`,
  );
export const minContextSlotNotReached = (contextSlot: number): RpcError =>
  new RpcError(-32016, "Minimum context slot has not been reached", { contextSlot });
export const transactionNotFound = (signature: string): RpcError =>
  new RpcError(-32020, `Transaction ${signature} not found`);
/** Where a faithful answer would need parsers that this node does not have. */
export const jsonParsedUnsupported = (what: string): RpcError =>
  invalidParams(`Invalid params: this local node has no jsonParsed encoding of ${what}; use json or base64`);
