import type { Handler } from "./handler.ts";

/** Where tokens are not verified, one that nobody looked at must not look accepted. */
export const handleAuth: Handler<"auth"> = ({ authenticate, refuse }, connection, { id, data }) => {
  if (authenticate !== null) {
    authenticate(connection, id, data.token);
    return;
  }
  refuse(
    connection,
    id,
    "unauthorized",
    "This server does not verify tokens (AUTH_MODE=none). Name the user with ?user_id= when connecting.",
  );
};
