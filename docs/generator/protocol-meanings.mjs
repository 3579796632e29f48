// What the codes of the protocol mean to a client. The codes themselves come from packages/protocol.

const BACK_OFF = "Connect again after a back-off, and resume.";

export const closeMeanings = {
  shutdown: {
    when: "The server stops or is drained. The reason goes on: `shutdown; reconnect in 1234 ms`.",
    reaction: "Connect again after the delay in the reason, and resume.",
  },
  token_expired: {
    when: "The token ran out and no other one came within 25 seconds; or the one that came had run out.",
    reaction: "Get a new token, then connect again. Without a way to get one: stop.",
  },
  slow_consumer: {
    when: "The client read too slowly. When it is far behind, the connection is cut without a code instead (1006).",
    reaction: "Connect again and resume: nothing is lost. Read faster, or subscribe to less.",
  },
  write_error: { when: "The server could not write to the connection.", reaction: BACK_OFF },
  forced_reconnect: {
    when: "The topics of a new connection could not be joined because the message broker is away or something went wrong, or its token could not be verified because the keys could not be had or the time was over.",
    reaction: BACK_OFF,
  },
  no_pong: {
    when: "A ping was not answered, and nothing else was sent, for a third of the heartbeat interval.",
    reaction: BACK_OFF,
  },
  too_many_requests: {
    when: "The client went on sending after it was told `rate_limited`, or sent more than 64 frames before `connected`.",
    reaction: "Connect again after a back-off, and send less.",
  },
  invalid_token: {
    when: "The token is no good for this server, or none came within 10 seconds. The reason says which.",
    reaction: "Connect again only with another token.",
  },
  bad_request: {
    when: "The query is too long, or a parameter of it is malformed or stands there twice. The reason names it: `bad request: user_id`.",
    reaction: "Stop: correct the URL.",
  },
  disconnected: { when: "An operator closed the connection.", reaction: "Stop, and say so." },
  connection_limit: {
    when: "The user, or the address, has as many connections as one may have.",
    reaction: "Stop, and say so.",
  },
  permission_denied: {
    when: "The `user_id` is not the user that the token belongs to.",
    reaction: "Stop, and say so.",
  },
  too_many_errors: {
    when: "More than 50 error frames (one more is allowed per second).",
    reaction: "Stop: the program is wrong.",
  },
  message_too_large: {
    when: "The client sent a message above the size limit.",
    reaction: "Stop: the same message would be too large again.",
  },
};

const FIX = "Correct the program; the same request fails again.";

export const errorMeanings = {
  bad_json: { when: "The frame is not JSON.", reaction: FIX },
  bad_message: { when: "The frame lacks something or has it wrong, or is a binary message.", reaction: FIX },
  bad_query: {
    when: "Something is wrong with the query of the URL. Before `connected`, a close follows; after it, the connection does without that part.",
    reaction: "Correct the program; the same URL fails again.",
  },
  unknown_type: { when: "There is no such `type`.", reaction: FIX },
  bad_topic: {
    when: "The topic does not fit the grammar, or is an `account:` topic without an account address.",
    reaction: FIX,
  },
  unknown_topic: { when: "There is no such topic.", reaction: FIX },
  forbidden: {
    when: "The topic, or the `user_id`, belongs to another user or server, or is not among those that the token allows; or it was joined by the server and cannot be left.",
    reaction: "Do not ask again.",
  },
  not_subscribed: {
    when: "The connection is not in the topic, or left it before it was in.",
    reaction: "Nothing.",
  },
  too_many_subscriptions: {
    when: "The connection is in as many topics as it may be; or, for an `account:` topic, clients have as many accounts watched as there may be.",
    reaction: "Unsubscribe from one first; an account: try again later.",
  },
  rate_limited: {
    when: "The client sends too much, or a second token while one is being verified; the request was not carried out.",
    reaction: "Ask again after a back-off.",
  },
  unauthorized: {
    when: "The token was not accepted, or is another user's; with `AUTH_MODE=none`, no token is.",
    reaction: "Get another token. A subscribe request: ask again after a back-off.",
  },
  token_expired: { when: "The token ran out.", reaction: "Get another token and send `auth`." },
  internal: {
    when: "The message broker is away, the keys for tokens cannot be had, or something went wrong in the server.",
    reaction: "Ask again after a back-off.",
  },
};

export const refusalMeanings = {
  forbidden_origin: { when: "Pages of this origin may not connect.", reaction: "Stop." },
  not_found: {
    when: "There is nothing at this path; WebSockets are at `/ws`.",
    reaction: "Correct the URL.",
  },
  rate_limited: {
    when: "Too many new connections per second (`Retry-After: 1`).",
    reaction: "Wait for `Retry-After` or longer, with jitter.",
  },
  address_limit: {
    when: "Too many connections from this address (`Retry-After: 10`).",
    reaction: "Wait for `Retry-After` or longer, with jitter.",
  },
  server_full: {
    when: "The server holds as many connections as it may (`Retry-After: 5`).",
    reaction: "Wait for `Retry-After` or longer, with jitter; a load balancer may choose another server.",
  },
  pending_limit: {
    when: "Too many connections wait for their token to be verified (`Retry-After: 1`).",
    reaction: "Wait for `Retry-After` or longer, with jitter; a load balancer may choose another server.",
  },
  draining: {
    when: "The server is shutting down (`Retry-After: 2`).",
    reaction: "Wait for `Retry-After` or longer; a load balancer will choose another server.",
  },
};
