import type { ServicesAttack } from "../attack.ts";
import { many } from "../support/many.ts";
import { openRaw } from "../support/raw-socket.ts";
import { BEGINNINGS } from "../support/request-beginnings.ts";

const CONNECTIONS = 120;
const AT_A_TIME = 30;
const STOPS_WITHIN_MS = 10_000;
/** What a stopping process may be late on a busy machine. */
const LATE_MS = 1_000;

/** Connections that are silent, or stop in the midst of a request; then the service is asked to stop. */
export const stuckConnectionsThenStop: ServicesAttack = {
  name: "http/stuck-connections-then-stop",
  scene: "services",
  on: "admin",
  async strike({ admin }, size) {
    const crowd = await many(
      Math.max(BEGINNINGS.length, size.count(CONNECTIONS)),
      AT_A_TIME,
      async (index) => {
        const raw = await openRaw(admin.port);
        raw.write(BEGINNINGS[index % BEGINNINGS.length] ?? "");
        return raw;
      },
    );
    const from = performance.now();
    const code = await admin.terminate(STOPS_WITHIN_MS + LATE_MS);
    const tookMs = performance.now() - from;
    await admin.start();
    for (const raw of crowd) raw.destroy();
    return {
      tries: crowd.length,
      what: code === null ? "still there" : `ended with ${code} after ${(tookMs / 1_000).toFixed(1)} s`,
      problems:
        code === 0 ? [] : [`admin did not end within ${STOPS_WITHIN_MS / 1_000} s of SIGTERM (${code})`],
    };
  },
};
