import type { Rejection } from "./connect-query.ts";
import type { TokenFailure } from "../identity/token-verifier.ts";

/** How a connection ends whose token was not accepted. */
export function rejectionOf({ kind, reason }: TokenFailure): Rejection {
  const message = `token: ${reason}.`;
  switch (kind) {
    case "invalid":
      return { code: "unauthorized", message, close: "invalid_token", reason: `invalid token: ${reason}` };
    case "expired":
      return { code: "token_expired", message, close: "token_expired", reason };
    case "unavailable":
      return { code: "internal", message: `${message} Try again.`, close: "forced_reconnect", reason };
  }
}

/** For a `user_id` that is not the token's. Another token of the same user would not help. */
export const ANOTHER_USER: Rejection = {
  code: "forbidden",
  message: "user_id: the token is another user's. Leave user_id out, or connect with that user's token.",
  close: "permission_denied",
  reason: "permission denied: user_id is not the token's user",
};
