import type { Context } from "../context.ts";
import { error, type Check } from "../doctor/check.ts";
import { examine, PARTS, type Part } from "../doctor/examine.ts";
import { render } from "../doctor/render.ts";
import { createReport } from "../doctor/report.ts";
import type { DoctorOptions } from "../doctor/targets.ts";
import { hidingAll } from "../doctor/variables.ts";

/** Whatever happens, the answer is there by then. */
const DEADLINE_MS = 19_500;

const late = (missing: readonly Part[]): Check =>
  error("doctor.time", {
    says: `not all was looked at within ${DEADLINE_MS / 1_000} s; this is missing: ${missing.join(", ")}`,
    means: "something answers so slowly that it is as good as away.",
    remedy: "mend what is found above and run it again; the machine it runs on may be overloaded itself.",
  });

/** Looks at a deployment and says what is wrong with it. @returns the exit code: 0, or 1 when something was found. */
export async function doctor(context: Context, options: DoctorOptions): Promise<number> {
  const startedAt = new Date();
  const since = performance.now();
  const parts = new Map<Part, readonly Check[]>();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, DEADLINE_MS);
    context.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  const examined = examine(context.env, options, (part, checks) => parts.set(part, checks));
  // Once the answer is given, nobody waits for what is left.
  examined.catch(() => undefined);
  await Promise.race([examined, deadline]);
  clearTimeout(timer);
  const missing = PARTS.filter((part) => !parts.has(part));
  const checks = PARTS.flatMap((part) => parts.get(part) ?? []);
  const hide = hidingAll(
    context.env,
    [options.token, options.accessToken].filter((secret) => secret !== undefined),
    [options.admin ?? [], options.gateway ?? []].flat(),
  );
  const report = createReport(
    missing.length === 0 ? checks : [...checks, late(missing)],
    { startedAt, durationMs: performance.now() - since },
    hide,
  );
  context.write(
    options.json === true ? `${JSON.stringify(report, null, 2)}\n` : render(report, context.colors === true),
  );
  return report.ok ? 0 : 1;
}
