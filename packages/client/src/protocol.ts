/**
 * The client protocol as types, so that the package needs no other. `protocol.test.ts` compares them with the schemas
 * that the server uses.
 */

/** `name` or `name:argument`, such as `market_data` or `token:<mint>`. */
export type Topic = string;

/** Where a reader stands in a topic: it has everything up to and including `offset` of that `epoch`. */
export interface Position {
  /** Names one life of the topic's offsets. */
  epoch: string;
  /** Counts the messages of the topic: 1, 2, 3 … without holes; 0 before the first one. */
  offset: number;
}

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A coin came into being. */
export interface TokenCreated {
  /** Mint of the coin. */
  token_id: string;
  /** As a person sees it; null when there is none to be seen. */
  name: string | null;
  /** As `name`. */
  symbol: string | null;
  /** Where its metadata can be read; text as `name`. */
  uri: string | null;
  creator: string;
  bonding_curve: string | null;
  decimals: number;
  /** Decimal number in whole units. */
  supply: string;
  signature: string;
  slot: number;
  /** Unix seconds; null when the node does not know it. */
  block_time: number | null;
}

/** A trade set a price. */
export interface TokenPriceUpdate {
  /** Mint of the coin. */
  token_id: string;
  /** SOL per token of the trade, a decimal number. */
  price: string;
  /** Percent against the price 24 hours ago; null when there was none. */
  change_24h: string | null;
  signature: string;
  slot: number;
  /** Unix seconds; null when the node does not know it. */
  block_time: number | null;
}

/** One decoded instruction; beside its program and kind it carries the fields of that kind. */
export interface DecodedInstruction {
  [field: string]: unknown;
  program_id: string;
  kind: string;
}

/** A transaction reached a status. One message per transaction and status. */
export interface TransactionUpdate {
  /** Transaction signature, base58. */
  transaction_id: string;
  status: "processed" | "confirmed" | "finalized" | "failed";
  /** The fee payer. */
  user_id: string;
  /** Kind of the first CommCoin instruction, else of the first token instruction, else `unknown`. */
  kind: string;
  /** Program of that instruction. */
  program_id: string;
  /** Mint that the instruction concerns. */
  token_id?: string | undefined;
  /** Decimal number in whole units. */
  token_amount?: string | undefined;
  /** Decimal number in whole units. */
  sol_amount?: string | undefined;
  /** Every decoded instruction in execution order, inner ones included. */
  instructions: DecodedInstruction[];
  /** Accounts of the transaction, those of lookup tables included. */
  accounts: string[];
  /** SOL, a decimal number. */
  fee: string;
  /** Null, or why the transaction failed: the chain's error, or `dropped`. */
  error: Json;
  slot: number;
  /** Unix seconds; null when the node does not know it. */
  block_time: number | null;
  /** `live`: in the order of the chain; `backfill`, `audit`: after its place, caught up with or found by a check. */
  origin: "live" | "backfill" | "audit";
}

/** The market of one coin over the last 24 hours. Amounts are decimal numbers. */
export interface MarketData {
  /** Mint of the coin. */
  token_id: string;
  /** SOL per token. */
  price: string;
  /** Percent against the price 24 hours ago; null when there was none. */
  change_24h: string | null;
  /** SOL traded. */
  volume_24h: string;
  high_24h: string;
  low_24h: string;
  trades_24h: number;
  /** SOL: price times supply. */
  market_cap: string;
}

/** Something a user should read. */
export interface Notification {
  /** Whom it is for; null when it is for everybody. */
  user_id: string | null;
  title: string;
  message: string;
  notification_type: string;
  data?: Json | undefined;
}

/** A user did something, such as `connected`, `disconnected` or `trade`. */
export interface UserActivity {
  user_id: string;
  activity_type: string;
  data: Json;
}

/** A message: its kind, its place in a topic, and what it says. */
interface EventOf<Type extends string, Data> {
  type: Type;
  topic: Topic;
  /** Its place in the topic: 1, 2, 3 … */
  offset: number;
  /** The same for the same event, whoever published it. */
  id: string;
  /** When it was published, Unix milliseconds. */
  ts: number;
  data: Data;
}

/** A message as it is handed out. */
export type EventFrame =
  | EventOf<"TokenCreated", TokenCreated>
  | EventOf<"TokenPriceUpdate", TokenPriceUpdate>
  | EventOf<"TransactionUpdate", TransactionUpdate>
  | EventOf<"MarketData", MarketData>
  | EventOf<"Notification", Notification>
  | EventOf<"UserActivity", UserActivity>;

export type MessageType = EventFrame["type"];

export type RequestId = string | number;

/** Why missed messages could not be replayed. */
export type UnrecoveredReason = "epoch_changed" | "trimmed" | "limit";

/** Why the server refused a request, or a connection. */
export type ErrorCode =
  | "bad_json"
  | "bad_message"
  | "bad_query"
  | "unknown_type"
  | "bad_topic"
  | "unknown_topic"
  | "forbidden"
  | "not_subscribed"
  | "too_many_subscriptions"
  | "rate_limited"
  | "unauthorized"
  | "token_expired"
  | "internal";

export interface SubscriptionState extends Position {
  topic: Topic;
  recovered?: boolean | undefined;
  replayed?: number | undefined;
  reason?: UnrecoveredReason | undefined;
}

interface SubscribedTo extends SubscriptionState {
  recovered: boolean;
  replayed: number;
}
interface PastMessages extends Position {
  topic: Topic;
  recovered: boolean;
  reason?: UnrecoveredReason | undefined;
  messages: EventFrame[];
}
interface Reset extends Position {
  topic: Topic;
  reason: string;
}

interface Notice<Type extends string, Data> {
  type: Type;
  data: Data;
}
interface Reply<Type extends string, Data> extends Notice<Type, Data> {
  id?: RequestId | undefined;
}

/** What a server may send beside messages. */
export type ServerFrame =
  | Notice<
      "connected",
      {
        connection_id: string;
        server_id: string;
        user_id: string | null;
        heartbeat_interval: number;
        subscriptions: SubscriptionState[];
        protocol: 1;
      }
    >
  | Reply<"subscribed", SubscribedTo>
  | Reply<"unsubscribed", { topic: Topic }>
  | Reply<"pong", Record<string, never>>
  | Reply<"authenticated", { user_id: string; expires_at: number | null }>
  | Reply<"history", PastMessages>
  | Reply<"error", { code: ErrorCode; message: string }>
  | Notice<"reset", Reset>
  | Notice<"degraded", { reason: string }>
  | Notice<"restored", { reason: string }>;

/** What a client may receive. */
export type DownFrame = ServerFrame | EventFrame;

/** What a client may send. */
export type UpFrame =
  | Reply<
      "subscribe",
      | {
          topic: Topic;
          since?: Position | undefined;
          conflate?: boolean | undefined;
          last?: number | undefined;
        }
      | { topics: Topic[] }
    >
  | Reply<"unsubscribe", { topic: Topic }>
  | { type: "ping"; id?: RequestId | undefined; data?: Record<string, never> | undefined }
  | Reply<"auth", { token: string }>
  | Reply<"history", { topic: Topic; since?: Position | undefined; limit: number }>;
