import type { ServicesAttack } from "../attack.ts";
import { ADMIN_TOKEN } from "../scene.ts";
import { get } from "../support/get.ts";
import { many } from "../support/many.ts";

const GUESSES = 3_000;
const AT_A_TIME = 20;
/** So often the operator does something meanwhile. */
const RIGHT_EVERY = 50;

const broadcast = (port: number, token: string, id: string) =>
  get(port, "/api/ws/broadcast", {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({
      type: "Notification",
      data: { user_id: null, title: "t", message: "m", notification_type: "info" },
      target: { topic: "market_data" },
      id,
    }),
  });

/** Wrong tokens, one after the other; the right one passes beside them, always. */
export const tokenGuessing: ServicesAttack = {
  name: "http/token-guessing",
  scene: "services",
  on: "admin",
  async strike({ admin }, size) {
    const guesses = Math.max(RIGHT_EVERY * 2, size.count(GUESSES));
    const wrong = new Map<number, number>();
    const right = new Map<number, number>();
    const count = (of: Map<number, number>, status: number): void => {
      of.set(status, (of.get(status) ?? 0) + 1);
    };
    await many(guesses, AT_A_TIME, async (index) => {
      if (index % RIGHT_EVERY === 0) {
        count(right, (await broadcast(admin.port, ADMIN_TOKEN, `right-${index}-${Date.now()}`)).status);
      } else {
        count(wrong, (await broadcast(admin.port, `a-wrong-token-of-somebody-${index}`, "wrong")).status);
      }
    });
    const passed = [...wrong.keys()].filter((status) => status !== 401 && status !== 403 && status !== 429);
    const refused = [...right.keys()].filter((status) => status >= 300);
    const list = (of: Map<number, number>): string =>
      [...of].map(([status, n]) => `${n} × ${status}`).join(", ");
    return {
      tries: guesses,
      what: `wrong: ${list(wrong)}; right: ${list(right)}`,
      problems: [
        ...(passed.length === 0 ? [] : [`wrong tokens were answered with ${passed.join(", ")}`]),
        ...(refused.length === 0 ? [] : [`the right token was answered with ${refused.join(", ")}`]),
      ],
    };
  },
};
