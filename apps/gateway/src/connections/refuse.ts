import type { ErrorCode, RequestId } from "@commcoin/protocol";
import { TokenBucket, type Rate } from "@commcoin/service/lifecycle";
import { errorReply } from "../frames/write-frames.ts";
import type { Closer } from "./closer.ts";
import type { Connection } from "./connection.ts";

/** Enough for a client with a few wrong topics; a program that only makes mistakes is through it at once. */
const ERROR_RATE: Rate = { perSecond: 1, burst: 50 };

/** Answers a request with an error frame. */
export type Refuse = (
  connection: Connection,
  id: RequestId | undefined,
  code: ErrorCode,
  message: string,
) => void;

/** @returns a function that also closes a connection with too many errors; those of its rate do not count. */
export function createRefuse({
  closer,
  onError,
  now,
}: {
  readonly closer: Pick<Closer, "close">;
  readonly onError: (code: ErrorCode) => void;
  readonly now: () => number;
}): Refuse {
  return (connection, id, code, message) => {
    if (connection.closed) return;
    onError(code);
    connection.socket.send(errorReply(id, code, message));
    if (code === "rate_limited") return;
    connection.errorBudget ??= new TokenBucket(ERROR_RATE, now());
    if (connection.errorBudget.overdraw(ERROR_RATE, now()) < 0) closer.close(connection, "too_many_errors");
  };
}
