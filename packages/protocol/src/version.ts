/**
 * Version of the client protocol, sent in every `connected` frame. It grows by one whenever a client could notice
 * a change of a frame or a message.
 *
 * 1. First version. Until its release it took in: `conflate` of `subscribe`, refusals `address_limit` and `pending_limit`,
 *    user ids as identity providers give them, `bad_query` after the upgrade.
 */
export const PROTOCOL_VERSION = 1;

/** SHA-256 of the JSON Schema of all frames at `PROTOCOL_VERSION`; a test compares it with the schemas as they are. */
export const PROTOCOL_SCHEMA_SHA256 = "8810c5e34fffa584f66b0a5cb94d8b42701acc8b09dd480c090f4ee062d0f69f";
