import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ADMIN = fileURLToPath(new URL("../../../apps/admin", import.meta.url));

/** Builds the pages of the dashboard where the admin service, run from its sources, finds them. */
export async function buildDashboard(): Promise<void> {
  await promisify(execFile)(process.execPath, ["node_modules/vite/bin/vite.js", "build"], {
    cwd: ADMIN,
    // Not that of the test runner, which would have development code built in.
    env: { ...process.env, NODE_ENV: "production" },
  });
}
