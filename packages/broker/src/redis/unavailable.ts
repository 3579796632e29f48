import { BrokerUnavailableError } from "../broker.ts";

/** What ioredis says of commands that it could not send, or got no answer to, does not help anybody. */
const WITHOUT_ANSWER = /Stream isn't writeable|Connection is closed|max retries per request|Command aborted/;

/** Wraps what went wrong between here and Redis. */
export function unavailable(error: unknown): BrokerUnavailableError {
  const message = error instanceof Error ? error.message : String(error);
  return new BrokerUnavailableError(
    WITHOUT_ANSWER.test(message) ? "Redis cannot be reached at present." : `Redis did not do it: ${message}`,
    { cause: error },
  );
}

/** Runs a command for a caller who should see `BrokerUnavailableError`s only. */
export async function orUnavailable<Result>(command: Promise<Result>): Promise<Result> {
  try {
    return await command;
  } catch (error) {
    throw unavailable(error);
  }
}
