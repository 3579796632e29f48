import type { UpFrame } from "@commcoin/protocol";
import type { Connection } from "../connections/connection.ts";
import { handleAuth } from "./auth.ts";
import type { HandlerContext } from "./handler.ts";
import { handleHistory } from "./history.ts";
import { handlePing } from "./ping.ts";
import { handleSubscribe } from "./subscribe.ts";
import { handleUnsubscribe } from "./unsubscribe.ts";

/** Gives a request to the handler of its type. */
export function handleFrame(
  context: HandlerContext,
  connection: Connection,
  frame: UpFrame,
): void | Promise<void> {
  switch (frame.type) {
    case "subscribe":
      return handleSubscribe(context, connection, frame);
    case "unsubscribe":
      return handleUnsubscribe(context, connection, frame);
    case "ping":
      return handlePing(context, connection, frame);
    case "auth":
      return handleAuth(context, connection, frame);
    case "history":
      return handleHistory(context, connection, frame);
  }
}
