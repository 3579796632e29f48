import { z } from "zod";

/** What `doctor` looks at; the part before the dot is the heading it stands under. */
const CHECK_IDS = [
  "configuration.variables",
  "configuration.names",
  "configuration.deployment",
  "configuration.token-key",
  "redis.connection",
  "redis.version",
  "redis.append-only",
  "redis.eviction",
  "redis.output-buffer",
  "redis.memory",
  "redis.writes",
  "redis.replicas",
  "redis.messages",
  "redis.clients",
  "redis.cluster",
  "solana.http",
  "solana.health",
  "solana.chain",
  "solana.lag",
  "solana.methods",
  "solana.limits",
  "solana.stream",
  "solana.program",
  "admin.connection",
  "admin.token",
  "servers.registered",
  "servers.ready",
  "servers.ids",
  "servers.versions",
  "servers.publisher",
  "servers.nodes",
  "clocks.redis",
  "clocks.servers",
  "gateways.round-trip",
  "gateways.questions",
  "doctor.time",
] as const;

/** One thing that was looked at. */
export const check = z.object({
  id: z.enum(CHECK_IDS),
  subject: z.string().nullable().describe("Which server, node or variable, where there are several"),
  status: z.enum(["ok", "warning", "error", "skipped"]),
  says: z.string().describe("What was found, or why it was not looked at"),
  means: z.string().nullable().describe("What follows from a finding"),
  remedy: z.string().nullable().describe("What to do about a finding"),
});
export type Check = Readonly<z.infer<typeof check>>;
export type CheckId = Check["id"];

interface Finding {
  readonly subject?: string;
  readonly says: string;
  readonly means: string;
  readonly remedy: string;
}

const quiet =
  (status: "ok" | "skipped") =>
  (id: CheckId, says: string, subject: string | null = null): Check => ({
    id,
    subject,
    status,
    says,
    means: null,
    remedy: null,
  });

export const ok = quiet("ok");
export const skipped = quiet("skipped");

const found =
  (status: "warning" | "error") =>
  (id: CheckId, { subject, ...finding }: Finding): Check => ({
    id,
    subject: subject ?? null,
    status,
    ...finding,
  });

/** Works, and will do harm one day. */
export const warning = found("warning");
/** Does harm now. */
export const error = found("error");

export const isFinding = ({ status }: Check): boolean => status === "warning" || status === "error";

/** What failed, in one line. */
export function wordsOf(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason);
  const inner = reason.cause instanceof Error && reason.message === "fetch failed" ? reason.cause : reason;
  const { code } = inner as Error & { readonly code?: string };
  const text = inner.message === "" ? (code ?? inner.name) : inner.message;
  return text.replaceAll(/[\p{C}\s]+/gu, " ").slice(0, 200);
}

/** "1.5 s", "3 ms". */
export const span = (milliseconds: number): string => {
  const size = Math.abs(milliseconds);
  if (size >= 1_000) return `${Number((size / 1_000).toPrecision(3))} s`;
  return `${size >= 10 ? Math.round(size) : Number(size.toPrecision(1))} ms`;
};
