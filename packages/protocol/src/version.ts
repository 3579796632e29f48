/**
 * Version of the client protocol, sent in every `connected` frame. It grows by one whenever a client could notice
 * a change of a frame or a message.
 *
 * 1. First version. Until its release it took in: `conflate` of `subscribe`, refusals `address_limit` and `pending_limit`,
 *    user ids as identity providers give them and that can be seen, `bad_query` after the upgrade.
 */
export const PROTOCOL_VERSION = 1;

/** SHA-256 of the JSON Schema of all frames at `PROTOCOL_VERSION`; a test compares it with the schemas as they are. */
export const PROTOCOL_SCHEMA_SHA256 = "29c74f69ceef9ad5707eef66633eacb1dedff833ddeac227b6a83d90aa09a483";
