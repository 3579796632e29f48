/**
 * Version of the client protocol, sent in every `connected` frame. It grows by one whenever a client could notice
 * a change of a frame or a message.
 *
 * 1. First version.
 */
export const PROTOCOL_VERSION = 1;

/** SHA-256 of the JSON Schema of all frames at `PROTOCOL_VERSION`; a test compares it with the schemas as they are. */
export const PROTOCOL_SCHEMA_SHA256 = "cde15f60126c159139f9174346dd59f17671a06f27fe2cfa9a7d42569f12db4";
