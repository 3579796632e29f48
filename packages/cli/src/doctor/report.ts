import { z } from "zod";
import manifest from "../../package.json" with { type: "json" };
import { check, isFinding, type Check } from "./check.ts";

/** What `commcoin doctor --json` prints. */
export const doctorReport = z.object({
  ok: z.boolean().describe("Whether nothing was found"),
  version: z.string().describe("Of this command"),
  checked_at: z.iso.datetime(),
  duration_ms: z.int(),
  counts: z.object({ ok: z.int(), warning: z.int(), error: z.int(), skipped: z.int() }),
  checks: z.array(check),
});
export type DoctorReport = Readonly<z.infer<typeof doctorReport>>;

/** @param hide takes out of each text what is secret: servers repeat what they were sent. */
export function createReport(
  checks: readonly Check[],
  { startedAt, durationMs }: { readonly startedAt: Date; readonly durationMs: number },
  hide: (text: string) => string,
): DoctorReport {
  const count = (status: Check["status"]): number => checks.filter((each) => each.status === status).length;
  const hidden = (text: string | null): string | null => (text === null ? null : hide(text));
  return {
    ok: !checks.some(isFinding),
    version: manifest.version,
    checked_at: startedAt.toISOString(),
    duration_ms: Math.round(durationMs),
    counts: {
      ok: count("ok"),
      warning: count("warning"),
      error: count("error"),
      skipped: count("skipped"),
    },
    checks: checks.map((each) => ({
      ...each,
      subject: hidden(each.subject),
      says: hide(each.says),
      means: hidden(each.means),
      remedy: hidden(each.remedy),
    })),
  };
}
