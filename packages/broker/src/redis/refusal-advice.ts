/** What to do, by the word with which Redis begins a refusal. */
const ADVICE: Readonly<Record<string, string>> = {
  OOM: "Raise maxmemory, remove what others store there, or let topics keep less (TOPIC_RETENTION).",
  MISCONF:
    "Let it save: free space on its disk, and check its directory (CONFIG GET dir); its log says what failed.",
  NOREPLICAS: "Bring its replicas back, or lower min-replicas-to-write.",
  READONLY:
    "It is a replica: name its master in REDIS_URL, or the sentinels that know it, or make it one (REPLICAOF NO ONE).",
  NOPERM: "Give the user of REDIS_URL the rights that docs/deployment.md names.",
  CLUSTERDOWN: "Bring the masters back that are missing: CLUSTER NODES says which.",
};

/** A refusal in Redis' own words, and what to do about it. */
export function withAdvice(refusal: string): string {
  const [word = ""] = refusal.split(" ", 1);
  const said = /[.!?]$/.test(refusal) ? refusal : `${refusal}.`;
  return `${said} ${ADVICE[word] ?? "Its log may say more."}`;
}
