/**
 * Version of the client protocol, sent in every `connected` frame. It grows by one whenever a client could notice
 * a change of a frame or a message.
 *
 * 1. First version.
 */
export const PROTOCOL_VERSION = 1;

/** SHA-256 of the JSON Schema of all frames at `PROTOCOL_VERSION`; a test compares it with the schemas as they are. */
export const PROTOCOL_SCHEMA_SHA256 = "cf64dc62cdb1e81c776d2f5365a192c3cabc8a63e02d318c4c9dae4a3be61cc3";
