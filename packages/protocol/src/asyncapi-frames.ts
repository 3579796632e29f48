import type { ServerFrame } from "./down.ts";
import type { EventFrame } from "./event-frame.ts";
import type { MessageType } from "./messages/message.ts";
import type { UpFrame, UpType } from "./up.ts";
import { PROTOCOL_VERSION } from "./version.ts";

/** What one kind of frame is for, and one as it goes over the wire. */
export interface FrameDoc<Frame> {
  readonly summary: string;
  readonly example: Frame;
}

type DocsOf<Frame extends { readonly type: string }> = {
  readonly [Type in Frame["type"]]: FrameDoc<Extract<Frame, { readonly type: Type }>>;
};

const EPOCH = "x3bq9Zk1";
const MINT = "8gCXKcBfs4XtVgQ2LxAxYqkW6E4zZq6fDqmC7zvHpump";
const WALLET = "4Nd1mYvQwq1m3k8Zy7hWzQ9o6sVYvTqbJ2bqz8m5r9Ab";
const PROGRAM = "6YuHH4kveCrEeEtVKM2nh18zU4XWFpEWqV8f5GbhdnzX";
const SIGNATURE = "5h6xBEauJ3PK6SWCZ1PGjBvj8vDdWG3KpwATGy1ARAXFSDwt8GFXM7W5Ncn16wmqokgpiKRLuS83KUxyZyv2sUYv";
const PUBLISHED_AT = 1_763_900_000_250;
const BLOCK = { signature: SIGNATURE, slot: 381_234_567, block_time: 1_763_900_000 } as const;

/** Frames that clients send. */
export const upFrameDocs: DocsOf<UpFrame> & Readonly<Record<UpType, unknown>> = {
  subscribe: {
    summary:
      "Joins a topic: from now on, from a position on (`since`), or with its newest few messages first (`last`). " +
      "With `topics` instead of `topic`, several from now on; each is answered by itself.",
    example: {
      type: "subscribe",
      id: 1,
      data: { topic: "token_updates", since: { epoch: EPOCH, offset: 57 } },
    },
  },
  unsubscribe: {
    summary: "Leaves a topic that was asked for.",
    example: { type: "unsubscribe", id: 2, data: { topic: "token_updates" } },
  },
  ping: {
    summary: "Asks whether the server is there.",
    example: { type: "ping", id: 3 },
  },
  auth: {
    summary: "Gives a token to the server, where it verifies tokens.",
    example: { type: "auth", id: 4, data: { token: "eyJhbGciOi…" } },
  },
  history: {
    summary:
      "Reads past messages without joining the topic: what came after `since`, the oldest first, or else the newest.",
    example: {
      type: "history",
      id: 5,
      data: { topic: "token_updates", since: { epoch: EPOCH, offset: 57 }, limit: 100 },
    },
  },
};

const price: Extract<EventFrame, { readonly type: "TokenPriceUpdate" }> = {
  type: "TokenPriceUpdate",
  topic: "token_updates",
  offset: 58,
  id: `${SIGNATURE}:0:TokenPriceUpdate`,
  ts: PUBLISHED_AT,
  data: { token_id: MINT, price: "0.000000034", change_24h: "12.5", ...BLOCK },
};

/** Replies and notices of a server. */
export const serverFrameDocs: DocsOf<ServerFrame> = {
  connected: {
    summary: "The first frame of every connection. Lists the topics that it is in.",
    example: {
      type: "connected",
      data: {
        connection_id: "Jm3k9Zq1x7Tt0aBc",
        server_id: "gateway-1",
        user_id: "123",
        heartbeat_interval: 30,
        subscriptions: [
          { topic: "broadcast", epoch: EPOCH, offset: 4 },
          { topic: "server:gateway-1", epoch: EPOCH, offset: 0 },
          { topic: "user:123", epoch: EPOCH, offset: 9 },
          { topic: "token_updates", epoch: EPOCH, offset: 58, recovered: true, replayed: 1 },
        ],
        protocol: PROTOCOL_VERSION,
      },
    },
  },
  subscribed: {
    summary: "Answers `subscribe`. The messages that were asked for follow, then new ones.",
    example: {
      type: "subscribed",
      id: 1,
      data: { topic: "token_updates", epoch: EPOCH, offset: 58, recovered: true, replayed: 1 },
    },
  },
  unsubscribed: {
    summary: "Answers `unsubscribe`. Nothing of the topic comes after it.",
    example: { type: "unsubscribed", id: 2, data: { topic: "token_updates" } },
  },
  pong: {
    summary: "Answers `ping`.",
    example: { type: "pong", id: 3, data: {} },
  },
  authenticated: {
    summary: "Answers `auth`: the token was accepted.",
    example: { type: "authenticated", id: 4, data: { user_id: "123", expires_at: 1_763_903_600 } },
  },
  history: {
    summary: "Answers `history`. `offset` is where the topic stands; `messages` are whole event frames.",
    example: {
      type: "history",
      id: 5,
      data: {
        topic: "token_updates",
        epoch: EPOCH,
        offset: 58,
        recovered: true,
        messages: [price],
      },
    },
  },
  error: {
    summary: "Answers a request that was refused. Never closes the connection.",
    example: {
      type: "error",
      id: 6,
      data: {
        code: "unknown_topic",
        message:
          "There is no topic weather; there are token_updates, transactions, market_data, notifications, user_activity, and token:, account: and program: with an address.",
      },
    },
  },
  reset: {
    summary:
      "The position of a topic was lost on the server's side: what came before it cannot be replayed, and messages " +
      "go on after it.",
    example: {
      type: "reset",
      data: { topic: "token_updates", epoch: "m7Wd20ab", offset: 0, reason: "epoch_changed" },
    },
  },
  degraded: {
    summary:
      "The gateway cannot reach its broker for now. Nothing is lost yet, and nothing needs to be done.",
    example: { type: "degraded", data: { reason: "The message broker cannot be reached at the moment." } },
  },
  restored: {
    summary: "The broker is back. What was missed meanwhile follows.",
    example: { type: "restored", data: { reason: "The message broker is back." } },
  },
};

/** Messages of topics. */
export const eventFrameDocs: DocsOf<EventFrame> & Readonly<Record<MessageType, unknown>> = {
  TokenCreated: {
    summary: "A coin came into being.",
    example: {
      type: "TokenCreated",
      topic: "token_updates",
      offset: 57,
      id: `${SIGNATURE}:0:TokenCreated`,
      ts: PUBLISHED_AT,
      data: {
        token_id: MINT,
        name: "Community Coin",
        symbol: "CCOIN",
        uri: "https://example.com/ccoin.json",
        creator: WALLET,
        bonding_curve: null,
        decimals: 6,
        supply: "1000000000",
        ...BLOCK,
      },
    },
  },
  TokenPriceUpdate: { summary: "A trade set a price.", example: price },
  TransactionUpdate: {
    summary: "A transaction reached a status. One message per transaction and status.",
    example: {
      type: "TransactionUpdate",
      topic: "transactions",
      offset: 1_204,
      id: `${SIGNATURE}:confirmed`,
      ts: PUBLISHED_AT,
      data: {
        transaction_id: SIGNATURE,
        status: "confirmed",
        user_id: WALLET,
        kind: "buy",
        program_id: PROGRAM,
        token_id: MINT,
        token_amount: "35000000",
        sol_amount: "1.19",
        instructions: [
          { program_id: PROGRAM, kind: "buy", mint: MINT, token_amount: "35000000", sol_amount: "1.19" },
        ],
        accounts: [WALLET, MINT, PROGRAM],
        fee: "0.000005",
        error: null,
        slot: BLOCK.slot,
        block_time: BLOCK.block_time,
        origin: "live",
      },
    },
  },
  MarketData: {
    summary: "The market of one coin over the last 24 hours.",
    example: {
      type: "MarketData",
      topic: "market_data",
      offset: 311,
      id: `${SIGNATURE}:0:MarketData`,
      ts: PUBLISHED_AT,
      data: {
        token_id: MINT,
        price: "0.000000034",
        change_24h: "12.5",
        volume_24h: "48.2",
        high_24h: "0.000000036",
        low_24h: "0.00000003",
        trades_24h: 96,
        market_cap: "34",
      },
    },
  },
  Notification: {
    summary: "Something a user should read.",
    example: {
      type: "Notification",
      topic: "user:123",
      offset: 10,
      id: "welcome-123",
      ts: PUBLISHED_AT,
      data: {
        user_id: "123",
        title: "Welcome",
        message: "Your account is ready.",
        notification_type: "info",
      },
    },
  },
  UserActivity: {
    summary: "A user did something.",
    example: {
      type: "UserActivity",
      topic: "user_activity",
      offset: 77,
      id: "presence:x4Kd81mQ:connected",
      ts: PUBLISHED_AT,
      data: { user_id: "123", activity_type: "connected", data: {} },
    },
  },
};
