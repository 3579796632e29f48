import type { AttackResult } from "./result.ts";
import { isBackTo } from "./support/vitals.ts";
import type { Account } from "./support/witness-worker.ts";

/** Lines by the dozen, whatever is done to a service. */
const MAX_LOG_LINES = 200;
const FIRST_CHARS = 600;

export interface Circumstances {
  /** What the healthy client was told meanwhile. */
  readonly account: Account;
  /** What the service wrote on standard error meanwhile. */
  readonly warnings: string;
  readonly judgeLatency: boolean;
  readonly limitMs: number;
  readonly dataMayBeLost: boolean;
}

const mebibytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(0)} MiB`;

/** Which promises an attack broke, in words; none when all were kept. */
export function findProblems(
  result: Omit<AttackResult, "problems">,
  { account, warnings, judgeLatency, limitMs, dataMayBeLost }: Circumstances,
): readonly string[] {
  const { exits, before, after, lost, p99Ms, normalMs, logLines } = result;
  const problems = exits.map((exit) => exit.slice(0, FIRST_CHARS));
  const unless = (kept: boolean, problem: string): void => {
    if (!kept) problems.push(problem);
  };
  unless(lost === 0 || (dataMayBeLost && account.toldLost > 0), `the healthy client lost ${lost} messages`);
  unless(account.toldLost === 0 || dataMayBeLost, "the healthy client was told that messages are lost");
  unless(account.duplicates === 0, `the healthy client got ${account.duplicates} messages twice`);
  unless(!judgeLatency || p99Ms <= limitMs, `p99 ${p99Ms.toFixed(0)} ms is over ${limitMs.toFixed(0)} ms`);
  unless(normalMs !== null, "it did not become normal again");
  unless(
    isBackTo(before, after),
    `left behind: ${mebibytes(before.rssBytes)} and ${before.sockets} sockets before, ` +
      `${mebibytes(after.rssBytes)} and ${after.sockets} sockets after`,
  );
  unless(logLines <= MAX_LOG_LINES, `${logLines} log lines`);
  unless(!warnings.includes("MaxListenersExceededWarning"), "listeners pile up on an emitter");
  return problems;
}
