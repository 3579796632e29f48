import type { Handler } from "./handler.ts";

/** Tokens are not verified in `AUTH_MODE=none`, and a token that nobody looked at must not look accepted. */
export const handleAuth: Handler<"auth"> = ({ refuse }, connection, { id }) =>
  refuse(
    connection,
    id,
    "unauthorized",
    "This server does not verify tokens (AUTH_MODE=none). Name the user with ?user_id= when connecting.",
  );
