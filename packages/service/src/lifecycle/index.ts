export { createBackoff, type Backoff, type BackoffOptions } from "./backoff.ts";
export { systemClock, type Clock } from "./clock.ts";
export { run, StartError, STOP_WITHIN_MS, type RunOptions } from "./run.ts";
export { composeServices, type Service } from "./service.ts";
export { sleep } from "./sleep.ts";
export { TokenBucket, type Rate } from "./token-bucket.ts";
export { untilAborted, whenAborted, withDeadline } from "./when-aborted.ts";
