import { setTimeout as delay } from "node:timers/promises";
import type { ServicesAttack } from "../attack.ts";
import { PAST_TOPIC } from "../scene.ts";
import { disperse, greetNewcomers, openCrowd, total } from "../support/crowd.ts";

const CLIENTS = 100;
/** Below the 50 a second that a client may send. */
const PER_SECOND = 45;
const LASTS_MS = 6_000;
const NEWCOMERS = 10;
const TICK_MS = 1_000 / PER_SECOND;

const ask = (id: number): string =>
  JSON.stringify({ type: "history", id, data: { topic: PAST_TOPIC, limit: 300 } });

/** Clients that read the past as fast as they may. */
export const historyStorm: ServicesAttack = {
  name: "clients/history-storm",
  scene: "services",
  on: "gateway",
  async strike({ gateway }, size) {
    const crowd = await openCrowd(gateway.port, size.count(CLIENTS), "/ws?user_id=reader");
    const newcomers = greetNewcomers(gateway.port, size.count(NEWCOMERS));
    const until = performance.now() + size.ms(LASTS_MS);
    let tries = 0;
    while (performance.now() < until) {
      for (const { socket } of crowd) {
        if (socket.readyState !== socket.OPEN) continue;
        tries += 1;
        socket.send(ask(tries));
      }
      await delay(TICK_MS);
    }
    const problems = await newcomers;
    const answered = total(crowd, "history");
    const refused = total(crowd, "rate_limited");
    disperse(crowd);
    return { tries, what: `${answered} answered, ${refused} rate_limited`, problems };
  },
};
