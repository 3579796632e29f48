import type {
  MarketData,
  TokenCreated,
  TokenPriceUpdate,
  Topic,
  TransactionUpdate,
} from "@commcoin/protocol";

interface Outgoing<Type extends string, Data> {
  readonly topic: Topic;
  /** The same for the same event whoever publishes it; unique within a topic. */
  readonly id: string;
  readonly type: Type;
  /** One object shared by the messages of one event to several topics: it can be encoded once. */
  readonly data: Data;
}

/** A message that is ready to be published to a topic. */
export type OutgoingMessage =
  | Outgoing<"TokenCreated", TokenCreated>
  | Outgoing<"TokenPriceUpdate", TokenPriceUpdate>
  | Outgoing<"TransactionUpdate", TransactionUpdate>
  | Outgoing<"MarketData", MarketData>;
