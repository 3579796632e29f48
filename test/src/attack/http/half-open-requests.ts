import { setTimeout as delay } from "node:timers/promises";
import type { ServicesAttack } from "../attack.ts";
import { ADMIN_TOKEN } from "../scene.ts";
import { get } from "../support/get.ts";
import { many } from "../support/many.ts";
import { openRaw } from "../support/raw-socket.ts";
import { BEGINNINGS } from "../support/request-beginnings.ts";

const CONNECTIONS = 1_500;
const AT_A_TIME = 50;
const GUESSES_BESIDE = 10;
const RIGHT = 20;
const PAUSE_MS = 50;
const RIGHT_WITHIN_MS = 2_000;

const servers = (port: number, token: string, withinMs?: number) =>
  get(port, "/api/servers", {
    headers: { authorization: `Bearer ${token}` },
    ...(withinMs !== undefined && { withinMs }),
  });

/** Requests that never end, held open by the thousand, and wrong tokens beside them; the right token passes all the time. */
export const halfOpenRequests: ServicesAttack = {
  name: "http/half-open-requests",
  scene: "services",
  on: "admin",
  async strike({ admin }, size) {
    const crowd = await many(size.count(CONNECTIONS), AT_A_TIME, async (index) => {
      const raw = await openRaw(admin.port);
      raw.write(BEGINNINGS[index % BEGINNINGS.length] ?? "");
      return raw;
    });
    const refused: string[] = [];
    const withinMs = size.judgesTime ? RIGHT_WITHIN_MS : RIGHT_WITHIN_MS * 5;
    for (let round = 0; round < RIGHT; round += 1) {
      const guesses = many(GUESSES_BESIDE, GUESSES_BESIDE, (index) =>
        servers(admin.port, `a-wrong-token-${round}-${index}`).catch(() => null),
      );
      const right = await servers(admin.port, ADMIN_TOKEN, withinMs).then(
        ({ status }) => String(status),
        () => "silence",
      );
      if (right !== "200") refused.push(right);
      await guesses;
      await delay(PAUSE_MS);
    }
    const open = crowd.filter(({ isClosed }) => !isClosed).length;
    for (const raw of crowd) raw.destroy();
    return {
      tries: crowd.length + RIGHT * GUESSES_BESIDE,
      what: `${open} of ${crowd.length} requests still open, ${RIGHT - refused.length} of ${RIGHT} right ones answered`,
      problems:
        refused.length === 0 ? [] : [`the right token was answered with ${[...new Set(refused)].join(", ")}`],
    };
  },
};
