/**
 * Version of the client protocol, sent in every `connected` frame. It grows by one whenever a client could notice
 * a change of a frame or a message.
 *
 * 1. First version. Until its release it took in: `conflate` of `subscribe`, refusals `address_limit` and `pending_limit`.
 */
export const PROTOCOL_VERSION = 1;

/** SHA-256 of the JSON Schema of all frames at `PROTOCOL_VERSION`; a test compares it with the schemas as they are. */
export const PROTOCOL_SCHEMA_SHA256 = "f463c99474f1533f508b56617fc1e95e1d4728ae2e2657530461d79fba6802e5";
