import type { ServicesAttack } from "../attack.ts";
import { PAST_TOPIC } from "../scene.ts";
import { askOnAndOn, disperse, greetNewcomers, openCrowd, total } from "../support/crowd.ts";

const CLIENTS = 100;
const LASTS_MS = 6_000;
const NEWCOMERS = 10;

const ask = (id: number): object => ({ type: "history", id, data: { topic: PAST_TOPIC, limit: 300 } });

/** Clients that read the past as fast as they may. */
export const historyStorm: ServicesAttack = {
  name: "clients/history-storm",
  scene: "services",
  on: "gateway",
  async strike({ gateway }, size) {
    const crowd = await openCrowd(gateway.port, size.count(CLIENTS), "/ws?user_id=reader");
    const newcomers = greetNewcomers(gateway.port, size.count(NEWCOMERS));
    const tries = await askOnAndOn(crowd, size.ms(LASTS_MS), ask);
    const problems = await newcomers;
    const answered = total(crowd, "history");
    const refused = total(crowd, "rate_limited");
    disperse(crowd);
    return { tries, what: `${answered} answered, ${refused} rate_limited`, problems };
  },
};
