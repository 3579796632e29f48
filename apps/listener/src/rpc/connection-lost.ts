import { SOLANA_ERROR__RPC_SUBSCRIPTIONS__CHANNEL_CONNECTION_CLOSED, SolanaError } from "@solana/kit";

/** Why a connection to a node ended; also a metric label. */
export const LOSS_REASONS = [
  "closed",
  "refused",
  "no_pong",
  "bad_frame",
  "no_acknowledgement",
  "no_slots",
  "silent",
  "stopped",
] as const;
export type LossReason = (typeof LOSS_REASONS)[number];

/** A connection ended. Every end is one, also a clean close with code 1000. */
export class ConnectionLost extends Error {
  readonly reason: LossReason;

  constructor(reason: LossReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ConnectionLost";
    this.reason = reason;
  }
}

/** The same, as the error that kit's subscriptions carry. */
export const asChannelError = (
  cause: ConnectionLost,
): SolanaError<typeof SOLANA_ERROR__RPC_SUBSCRIPTIONS__CHANNEL_CONNECTION_CLOSED> =>
  new SolanaError(SOLANA_ERROR__RPC_SUBSCRIPTIONS__CHANNEL_CONNECTION_CLOSED, { cause });
