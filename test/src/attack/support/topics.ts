/** The topic of the healthy client's steady stream. */
export const STREAM_TOPIC = "notifications";
/** The topic of what a listener publishes. */
export const CHAIN_TOPIC = "transactions";
