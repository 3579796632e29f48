import { setTimeout as delay } from "node:timers/promises";
import { ADMIN_TOKEN, PAST_TOPIC, type Scene } from "./scene.ts";
import { disperse, openCrowd } from "./support/crowd.ts";
import { get } from "./support/get.ts";

const CLIENTS = 200;
const REQUESTS = 200;
const ANSWERED_MS = 1_500;

/** Lets services do what they do anyhow, so that code, buffers and heaps that stay are there before anything is compared. */
export async function warmUp({ gateway, admin, query }: Scene): Promise<void> {
  const crowd = await openCrowd(gateway.port, CLIENTS, `/ws?${query("warm")}&subscriptions=${PAST_TOPIC}`);
  for (const { socket } of crowd) {
    socket.send(JSON.stringify({ type: "history", id: 1, data: { topic: PAST_TOPIC, limit: 100 } }));
    socket.send("not a request");
  }
  await delay(ANSWERED_MS);
  disperse(crowd);
  for (let request = 0; request < REQUESTS; request += 1) {
    await get(admin.port, "/api/servers", { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
    await get(gateway.port, "/metrics");
  }
}
