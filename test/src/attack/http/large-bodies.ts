import type { ServicesAttack } from "../attack.ts";
import { ADMIN_TOKEN } from "../scene.ts";
import { get } from "../support/get.ts";
import { many } from "../support/many.ts";

const REQUESTS = 300;
const AT_A_TIME = 20;
const MEBIBYTE = 1_048_576;

/** Bodies that are too large, too deep, or nothing that the service asks for. */
const BODIES: readonly (() => string)[] = [
  () => `{"type":"${"x".repeat(8 * MEBIBYTE)}"}`,
  () => "[".repeat(500_000),
  () => `${'{"data":'.repeat(50_000)}1${"}".repeat(50_000)}`,
  () => '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}',
  () => "null",
  () => "\u0000",
];

/** Bodies of every wrong kind, with the right token and with none. */
export const largeBodies: ServicesAttack = {
  name: "http/large-bodies",
  scene: "services",
  on: "admin",
  async strike({ admin }, size) {
    const count = Math.max(BODIES.length * 2, size.count(REQUESTS));
    const statuses = new Map<string, number>();
    await many(count, AT_A_TIME, async (index) => {
      const headers = {
        "content-type": "application/json",
        ...(index % 2 === 0 ? { authorization: `Bearer ${ADMIN_TOKEN}` } : {}),
      };
      const body = BODIES[Math.floor(index / 2) % BODIES.length]?.() ?? "";
      const status = await get(admin.port, "/api/ws/broadcast", { method: "POST", headers, body }).then(
        (answer) => String(answer.status),
        // A body that is too large is refused before it has come: the connection ends.
        () => "cut",
      );
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    });
    const wrong = [...statuses.keys()].filter((status) => status.startsWith("2") || status.startsWith("5"));
    return {
      tries: count,
      what: [...statuses].map(([status, n]) => `${n} × ${status}`).join(", "),
      problems:
        wrong.length === 0 ? [] : [`bodies that are no message were answered with ${wrong.join(", ")}`],
    };
  },
};
