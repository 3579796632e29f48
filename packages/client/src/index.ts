export {
  createClient,
  type Client,
  type ClientOptions,
  type NoticeType,
  type SubscribeOptions,
} from "./client.ts";
export type { HistoryOptions, HistoryPage } from "./history.ts";
export type { PositionKeeper } from "./kept-positions.ts";
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
  UnrecoveredReason,
  UserActivity,
} from "./protocol.ts";
export type { WebSocketConstructor, WebSocketLike } from "./socket.ts";
export type { Connection, Counts, PublicState } from "./state.ts";
export { SubscriptionError } from "./subscription-error.ts";
export type { MessageHandler, Subscription } from "./subscriptions.ts";
export type { MessageIn, MessageOf } from "./topic-messages.ts";
