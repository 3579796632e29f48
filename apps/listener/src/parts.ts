/** Parts of the listener that are measured one by one. Services use `createListener`. */
export { createBlockReader } from "./blocks/block-reader.ts";
export { createTransactionDecoder } from "./decode/decode-transaction.ts";
export { createMarket } from "./market/market.ts";
export { createInterpreter } from "./pipeline/interpret.ts";
export { createSubscriptions } from "./rpc/subscriptions.ts";
export { openChannel } from "./rpc/websocket-channel.ts";
export { readLogsNotification } from "./sources/notifications.ts";
