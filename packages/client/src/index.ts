export {
  createClient,
  type Client,
  type ClientOptions,
  type NoticeType,
  type SubscribeOptions,
} from "./client.ts";
export type { LostReason, NoticeOf } from "./events.ts";
export type {
  DecodedInstruction,
  ErrorCode,
  EventFrame,
  Json,
  MarketData,
  MessageType,
  Notification,
  Position,
  TokenCreated,
  TokenPriceUpdate,
  Topic,
  TransactionUpdate,
  UserActivity,
} from "./protocol.ts";
export type { WebSocketConstructor, WebSocketLike } from "./socket.ts";
export type { Counts, PublicState } from "./state.ts";
export {
  SubscriptionError,
  type MessageHandler,
  type MessageOf,
  type Subscription,
} from "./subscriptions.ts";
