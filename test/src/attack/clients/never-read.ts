import { setTimeout as delay } from "node:timers/promises";
import type { ServicesAttack } from "../attack.ts";
import { PAST_TOPIC } from "../scene.ts";
import { disperse, openCrowd } from "../support/crowd.ts";
import { get } from "../support/get.ts";

const CLIENTS = 40;
const MESSAGE_BYTES = 16_384;
const AT_ONCE = 40;
/** More than any kernel holds back for one socket. */
const MAX_MESSAGES = 1_500;
const POLL_MS = 100;
const CLOSED_WITHIN_MS = 20_000;

async function connections(port: number): Promise<number> {
  const { body } = await get(port, "/api/ws/connections");
  return (JSON.parse(body) as { readonly total_connections: number }).total_connections;
}

/** Clients that subscribe and never read what comes. */
export const neverRead: ServicesAttack = {
  name: "clients/never-read",
  scene: "services",
  on: "gateway",
  async strike({ gateway, witness }, size) {
    const honest = await connections(gateway.port);
    const clients = size.count(CLIENTS);
    const crowd = await openCrowd(gateway.port, clients, `/ws?user_id=deaf&subscriptions=${PAST_TOPIC}`);
    for (const { socket } of crowd) socket.pause();
    const left = async (): Promise<number> => (await connections(gateway.port)) - honest;
    let published = 0;
    while ((await left()) > 0 && published < MAX_MESSAGES) {
      await witness.call("fill", PAST_TOPIC, AT_ONCE, MESSAGE_BYTES);
      published += AT_ONCE;
      await delay(POLL_MS);
    }
    const deadline = performance.now() + CLOSED_WITHIN_MS;
    while ((await left()) > 0 && performance.now() < deadline) await delay(POLL_MS);
    const open = await left();
    disperse(crowd);
    return {
      tries: clients,
      what: `${clients - open} of ${clients} closed after ${published} messages of 16 KiB`,
      problems: open === 0 ? [] : [`${open} clients that never read were kept`],
    };
  },
};
