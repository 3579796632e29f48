import type { JSX } from "preact";
import type { Listeners, Server } from "../api/types.ts";
import { clusterProblems, countServers } from "../cluster-health.ts";

interface VerdictProps {
  readonly servers: readonly Server[];
  readonly listeners: Listeners | undefined;
}

/** Whether the cluster is well, and if not, why. */
export function Verdict({ servers, listeners }: VerdictProps): JSX.Element {
  const problems = clusterProblems(servers, listeners?.listeners);
  if (problems.length === 0)
    return (
      <p class="verdict good" role="status">
        <span class="dot good" aria-hidden="true" /> All is well: {countServers(servers)}.
      </p>
    );
  return (
    <ul class="verdict bad" role="alert">
      {problems.map((problem) => (
        <li key={problem}>{problem}</li>
      ))}
    </ul>
  );
}
