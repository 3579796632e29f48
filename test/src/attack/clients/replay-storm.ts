import { setTimeout as delay } from "node:timers/promises";
import type { ServicesAttack } from "../attack.ts";
import { disperse, greetNewcomers, openCrowd, total } from "../support/crowd.ts";

const CLIENTS = 100;
/** Below the 50 a second that a client may send. */
const PER_SECOND = 45;
const LASTS_MS = 6_000;
const NEWCOMERS = 10;
const TICK_MS = 1_000 / PER_SECOND;

/** Large messages of a topic that the healthy client is not in. */
const TOPIC = "user_activity";
const MESSAGES = 100;
const MESSAGE_BYTES = 10_000;

const ask = (id: number): string =>
  JSON.stringify({ type: "subscribe", id, data: { topic: TOPIC, last: MESSAGES } });

/** Clients that have the past sent to them again and again, as fast as they may ask and can read. */
export const replayStorm: ServicesAttack = {
  name: "clients/replay-storm",
  scene: "services",
  on: "gateway",
  async strike({ gateway, witness }, size) {
    await witness.call("fill", TOPIC, MESSAGES, MESSAGE_BYTES);
    const crowd = await openCrowd(gateway.port, size.count(CLIENTS), "/ws?user_id=rewinder");
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
    const what =
      `${total(crowd, "subscribed")} answered, ${total(crowd, "rate_limited")} rate_limited, ` +
      `${total(crowd, "Notification")} messages replayed`;
    disperse(crowd);
    return { tries, what, problems };
  },
};
