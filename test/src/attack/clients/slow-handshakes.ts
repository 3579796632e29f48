import { setTimeout as delay } from "node:timers/promises";
import type { ServicesAttack } from "../attack.ts";
import { many } from "../support/many.ts";
import { openRaw, upgradeRequest } from "../support/raw-socket.ts";

const CLIENTS = 500;
const AT_A_TIME = 50;
/** A handshake may take 8 to 12 s; the rest is for a busy machine. */
const CUT_WITHIN_MS = 20_000;
const BYTE_EVERY_MS = 250;

/** Handshakes that come byte by byte, and connections that say nothing at all. */
export const slowHandshakes: ServicesAttack = {
  name: "clients/slow-handshakes",
  scene: "services",
  on: "gateway",
  async strike({ gateway }, size) {
    const clients = size.count(CLIENTS);
    const request = upgradeRequest("/ws?user_id=slow");
    const crowd = await many(clients, AT_A_TIME, () => openRaw(gateway.port));
    const left = () => crowd.filter(({ isClosed }) => !isClosed);
    const from = performance.now();
    for (let byte = 0; left().length > 0 && performance.now() - from < CUT_WITHIN_MS; byte += 1) {
      for (const [index, raw] of crowd.entries()) if (index % 2 === 0) raw.write(request[byte] ?? "x");
      await delay(BYTE_EVERY_MS);
    }
    const open = left().length;
    for (const raw of crowd) raw.destroy();
    return {
      tries: clients,
      what: `all cut within ${((performance.now() - from) / 1_000).toFixed(1)} s`,
      problems: open === 0 ? [] : [`${open} handshakes were still waited for after 20 s`],
    };
  },
};
