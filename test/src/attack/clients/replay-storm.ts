import type { ServicesAttack } from "../attack.ts";
import { askOnAndOn, disperse, greetNewcomers, openCrowd, total } from "../support/crowd.ts";

const CLIENTS = 100;
const LASTS_MS = 6_000;
const NEWCOMERS = 10;

/** Large messages of a topic that the healthy client is not in. */
const TOPIC = "user_activity";
const MESSAGES = 100;
const MESSAGE_BYTES = 10_000;

const ask = (id: number): object => ({ type: "subscribe", id, data: { topic: TOPIC, last: MESSAGES } });

/** Clients that have the past sent to them again and again, as fast as they may ask and can read. */
export const replayStorm: ServicesAttack = {
  name: "clients/replay-storm",
  scene: "services",
  on: "gateway",
  async strike({ gateway, witness }, size) {
    await witness.call("fill", TOPIC, MESSAGES, MESSAGE_BYTES);
    const crowd = await openCrowd(gateway.port, size.count(CLIENTS), "/ws?user_id=rewinder");
    const newcomers = greetNewcomers(gateway.port, size.count(NEWCOMERS));
    const tries = await askOnAndOn(crowd, size.ms(LASTS_MS), ask);
    const problems = await newcomers;
    const what =
      `${total(crowd, "subscribed")} answered, ${total(crowd, "rate_limited")} rate_limited, ` +
      `${total(crowd, "Notification")} messages replayed`;
    disperse(crowd);
    return { tries, what, problems };
  },
};
