import { z } from "zod";
import { marketData } from "./market-data.ts";
import { notification } from "./notification.ts";
import { tokenCreated } from "./token-created.ts";
import { tokenPriceUpdate } from "./token-price-update.ts";
import { transactionUpdate } from "./transaction-update.ts";
import { userActivity } from "./user-activity.ts";

/** What a message of each type carries in `data`. */
export const messageData = {
  TokenCreated: tokenCreated,
  TokenPriceUpdate: tokenPriceUpdate,
  TransactionUpdate: transactionUpdate,
  MarketData: marketData,
  Notification: notification,
  UserActivity: userActivity,
} as const;

export type MessageType = keyof typeof messageData;

export const MESSAGE_TYPES = Object.keys(messageData) as readonly MessageType[];

/** A message by itself, without the topic and the position that it gets when it is published. */
export const message = z.discriminatedUnion("type", [
  z.object({ type: z.literal("TokenCreated"), data: tokenCreated }),
  z.object({ type: z.literal("TokenPriceUpdate"), data: tokenPriceUpdate }),
  z.object({ type: z.literal("TransactionUpdate"), data: transactionUpdate }),
  z.object({ type: z.literal("MarketData"), data: marketData }),
  z.object({ type: z.literal("Notification"), data: notification }),
  z.object({ type: z.literal("UserActivity"), data: userActivity }),
]);
export type Message = z.infer<typeof message>;
