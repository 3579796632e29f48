import { randomAddress } from "../../support/random-address.ts";
import { setTimeout as delay } from "node:timers/promises";
import type { ServicesAttack } from "../attack.ts";
import { disperse, greetNewcomers, openCrowd, total } from "../support/crowd.ts";

const CLIENTS = 800;
/** Nearly all that a connection may join. */
const TOPICS = 125;
const NEWCOMERS = 10;
const ANSWERED_WITHIN_MS = 10_000;
const POLL_MS = 100;
const NAMES = ["token", "account", "program"];

const subscribe = (client: number): string => {
  const topics = Array.from({ length: TOPICS }, (_, n) => `${NAMES[n % NAMES.length]}:${randomAddress()}`);
  return JSON.stringify({ type: "subscribe", id: client, data: { topics } });
};

/** Clients that each join topics that nobody else is in. */
export const topicFlood: ServicesAttack = {
  name: "clients/topic-flood",
  scene: "services",
  on: "gateway",
  async strike({ gateway }, size) {
    const clients = size.count(CLIENTS);
    const requests = Array.from({ length: clients }, (_, client) => subscribe(client));
    const crowd = await openCrowd(gateway.port, clients, "/ws?user_id=collector");
    const newcomers = greetNewcomers(gateway.port, size.count(NEWCOMERS));
    for (const [index, { socket }] of crowd.entries()) {
      if (socket.readyState === socket.OPEN) socket.send(requests[index] ?? "");
    }
    const answered = (): number =>
      crowd.reduce((sum, { received }) => sum + [...received.values()].reduce((one, n) => one + n, 0), 0) -
      total(crowd, "connected");
    const deadline = performance.now() + ANSWERED_WITHIN_MS;
    while (answered() < clients * TOPICS && performance.now() < deadline) await delay(POLL_MS);
    const problems = await newcomers;
    const what =
      `${total(crowd, "subscribed")} joined, ${total(crowd, "rate_limited")} rate_limited, ` +
      `${total(crowd, "too_many_subscriptions")} too_many_subscriptions`;
    disperse(crowd);
    return { tries: clients * TOPICS, what, problems };
  },
};
