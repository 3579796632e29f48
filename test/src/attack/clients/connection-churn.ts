import type { ServicesAttack } from "../attack.ts";
import { openMember } from "../support/crowd.ts";
import { many } from "../support/many.ts";
import { openRaw, upgradeRequest } from "../support/raw-socket.ts";

const CONNECTIONS = 4_000;
const AT_A_TIME = 60;

/** Ways to come and go: after the greeting, right after the handshake, in the midst of it, and before it. */
async function comeAndGo(port: number, index: number): Promise<void> {
  const path = `/ws?user_id=churn-${index}&subscriptions=token_updates,market_data`;
  if (index % 4 === 0) {
    const raw = await openRaw(port);
    raw.write(upgradeRequest(path));
    raw.destroy();
  } else if (index % 4 === 1) {
    const raw = await openRaw(port);
    raw.destroy();
  } else {
    const { socket } = await openMember(port, path);
    if (index % 4 === 2) socket.close(1_000);
    else socket.terminate();
  }
}

/** Users that come and go, each a new one. */
export const connectionChurn: ServicesAttack = {
  name: "clients/connection-churn",
  scene: "services",
  on: "gateway",
  async strike({ gateway }, size) {
    const count = size.count(CONNECTIONS);
    const from = performance.now();
    await many(count, AT_A_TIME, (index) => comeAndGo(gateway.port, index));
    const perSecond = (count / (performance.now() - from)) * 1_000;
    return { tries: count, what: `${perSecond.toFixed(0)} connections a second` };
  },
};
