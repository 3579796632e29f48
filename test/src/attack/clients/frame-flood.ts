import { setTimeout as delay } from "node:timers/promises";
import type { ServicesAttack } from "../attack.ts";
import { disperse, openCrowd, total } from "../support/crowd.ts";

const CLIENTS = 30;
const FRAMES_AT_ONCE = 100;
const PAUSE_MS = 10;
const LASTS_MS = 5_000;
const CLOSED_WITHIN_MS = 5_000;

const REQUESTS: readonly string[] = [
  JSON.stringify({ type: "ping", id: 1 }),
  JSON.stringify({ type: "subscribe", id: 2, data: { topic: "token_updates", last: 100 } }),
  JSON.stringify({ type: "unsubscribe", id: 3, data: { topic: "token_updates" } }),
  "not a request",
];

/** Clients that send as fast as they can, without a look at the answers. */
export const frameFlood: ServicesAttack = {
  name: "clients/frame-flood",
  scene: "services",
  on: "gateway",
  async strike({ gateway }, size) {
    const crowd = await openCrowd(gateway.port, size.count(CLIENTS), "/ws?user_id=loud");
    const until = performance.now() + size.ms(LASTS_MS);
    const isOpen = ({ socket }: (typeof crowd)[number]): boolean => socket.readyState === socket.OPEN;
    let tries = 0;
    while (performance.now() < until && crowd.some(isOpen)) {
      for (const member of crowd.filter(isOpen)) {
        for (let frame = 0; frame < FRAMES_AT_ONCE; frame += 1) {
          member.socket.send(REQUESTS[tries % REQUESTS.length] ?? "");
          tries += 1;
        }
      }
      await delay(PAUSE_MS);
    }
    const deadline = performance.now() + CLOSED_WITHIN_MS;
    while (crowd.some(isOpen) && performance.now() < deadline) await delay(PAUSE_MS);
    const open = crowd.filter(isOpen).length;
    const what = `${crowd.length - open} of ${crowd.length} closed, ${total(crowd, "rate_limited")} warnings`;
    disperse(crowd);
    return { tries, what, problems: open === 0 ? [] : [`${open} flooding clients were kept`] };
  },
};
