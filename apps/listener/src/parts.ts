/** Parts of the listener that are measured or tested one by one. Services use `createListener`. */
export { createThrottledLog } from "./support/throttled-log.ts";
export { createTransactionDecoder } from "./decode/decode-transaction.ts";
export type { OutgoingMessage } from "./events/outgoing.ts";
export { createLeadership, type Term } from "./leadership/leadership.ts";
export { createMarket } from "./market/market.ts";
export { createListenerMetrics } from "./metrics/listener-metrics.ts";
export { createInterpreter } from "./pipeline/interpret.ts";
export { createPublisher } from "./pipeline/publisher.ts";
export { createSubscriptions } from "./rpc/subscriptions.ts";
export { openChannel } from "./rpc/websocket-channel.ts";
export { readLogsNotification } from "./sources/notifications.ts";
