import type { EventFrame, MessageType, Topic } from "./protocol.ts";

export type MessageOf<Type extends MessageType> = Extract<EventFrame, { readonly type: Type }>;

interface TypesOfTopic {
  token_updates: "TokenCreated" | "TokenPriceUpdate";
  transactions: "TransactionUpdate";
  market_data: "MarketData";
  notifications: "Notification";
  user_activity: "UserActivity";
}

/** By what stands before the colon. */
interface TypesOfFamily {
  token: "TokenCreated" | "TokenPriceUpdate" | "TransactionUpdate" | "MarketData";
  account: "TransactionUpdate";
  program: "TransactionUpdate";
  user: "TransactionUpdate" | "Notification" | "UserActivity";
}

/**
 * What the services publish to a topic; any message where the topic is not known before the program runs. Operators can
 * publish every type to every topic: who does that takes messages by type.
 */
export type MessageIn<Name extends Topic> = Name extends keyof TypesOfTopic
  ? MessageOf<TypesOfTopic[Name]>
  : Name extends `${infer Family extends keyof TypesOfFamily}:${string}`
    ? MessageOf<TypesOfFamily[Family]>
    : EventFrame;
