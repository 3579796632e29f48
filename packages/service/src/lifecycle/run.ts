import type { Service } from "./service.ts";

/** A service that ran its course exits with 0; bad configuration, a failed start or a crash with 1. */
const EXIT_FAILURE = 1;

export interface RunOptions {
  /** Takes what went wrong, before the process exits; written to standard error by default. */
  readonly report?: (message: string) => void;
  /** A second signal changes nothing: for a process that somebody else ends when it has to be at once. */
  readonly patient?: boolean;
  /** Milliseconds that stopping may take, asked when it begins; `STOP_WITHIN_MS` by default. */
  readonly stopWithinMs?: () => number;
}

/** Less than the 10 seconds that supervisors of processes commonly wait before they kill. */
export const STOP_WITHIN_MS = 9_000;

/**
 * The body of every `main.ts`: creates the service, starts it, and stops it on SIGTERM or SIGINT. A second signal exits
 * at once, and so does a stop that takes too long. Whatever goes wrong is one readable line on standard error.
 */
export async function run(
  create: () => Service | Promise<Service>,
  {
    report = (message) => process.stderr.write(`${message}\n`),
    patient = false,
    stopWithinMs = () => STOP_WITHIN_MS,
  }: RunOptions = {},
): Promise<void> {
  const fail = (error: unknown): never => {
    report(describe(error));
    process.exit(EXIT_FAILURE);
  };
  process.on("unhandledRejection", fail);
  process.on("uncaughtException", fail);

  let service: Service;
  try {
    service = await create();
  } catch (error) {
    return fail(error);
  }
  let stopping = false;
  const onSignal = (): void => {
    if (stopping) {
      if (patient) return;
      process.exit(EXIT_FAILURE);
    }
    stopping = true;
    const withinMs = stopWithinMs();
    setTimeout(
      () =>
        fail(
          new StartError(`Stopping took longer than ${withinMs / 1_000} s; what was left to do is given up.`),
        ),
      withinMs,
    );
    service.stop().then(() => process.exit(0), fail);
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  try {
    await service.start();
  } catch (error) {
    if (!stopping) fail(error);
  }
}

/** Errors that explain themselves are printed without a stack; others are bugs and keep theirs. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const explained = error.name === "ConfigError" || error.name === "StartError" || "code" in error;
  return explained ? error.message : (error.stack ?? error.message);
}

/** A service could not start, and the message says why and what to do. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StartError";
  }
}
