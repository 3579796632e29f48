import type { RpcTransport } from "@solana/kit";
import { AnswerTooLong } from "./body.ts";
import { NodeError } from "./node-error.ts";
import { RequestTimeout } from "./with-timeout.ts";

/** Whether a node is the one that it was. */
export interface Admission {
  /** Null when it may be asked; else resolves once it may, and rejects when it may not. */
  readonly admit: () => Promise<void> | null;
  /** It could not be reached: whoever answers next may be another one. */
  readonly doubt: () => void;
}

/** Asks a node only while it is the one that it was, and looks again after its connection failed. */
export const withAdmission = (transport: RpcTransport, { admit, doubt }: Admission): RpcTransport =>
  async function <Response>(config: Parameters<RpcTransport>[0]) {
    const admission = admit();
    if (admission !== null) await admission;
    try {
      return await transport<Response>(config);
    } catch (error) {
      const isAnswer = [NodeError, RequestTimeout, AnswerTooLong].some((answer) => error instanceof answer);
      if (!isAnswer && config.signal?.aborted !== true) doubt();
      throw error;
    }
  };
