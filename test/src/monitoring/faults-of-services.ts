import { setTimeout as delay } from "node:timers/promises";
import { createRedisBroker } from "@commcoin/broker";
import { silentLogger } from "@commcoin/service/telemetry";
import { disperse, openCrowd } from "../attack/support/crowd.ts";
import type { Fault } from "./fault.ts";
import { repeatedly } from "./repeatedly.ts";
import { MAX_CONNECTIONS } from "./settings.ts";

const STOPPED_MS = 300;
const RUNNING_MS = 200;
/** As many as have to be closed within the range of the shortened rule, and some more. */
const FROZEN_CLIENTS = 30;
const HEAVY_CHARS = 15_000;
const HEAVY_AT_ONCE = 40;
const HEAVY_PAUSE_MS = 300;
const PAUSE_MS = 100;

export const serviceFaults: readonly Fault[] = [
  {
    name: "a worker is killed",
    alerts: ["WorkerDies"],
    plant({ workers }) {
      const ready = workers.lines.findLast(({ msg }) => msg === "worker is ready");
      process.kill(Number(ready?.pid), "SIGKILL");
      return Promise.resolve(() => {});
    },
  },
  {
    name: "a gateway is gone",
    alerts: ["ServiceDown"],
    async plant({ gateway }) {
      await gateway.kill();
      return () => gateway.restart();
    },
  },
  {
    name: "more clients than a gateway takes",
    alerts: ["ClientsRefused"],
    async plant({ gateway }) {
      const crowd = await openCrowd(gateway.port, MAX_CONNECTIONS, "/ws");
      const end = repeatedly(async () => {
        disperse(await openCrowd(gateway.port, 1, "/ws"));
        await delay(PAUSE_MS);
      });
      return async () => {
        await end();
        disperse(crowd);
      };
    },
  },
  {
    name: "clients that stop reading",
    alerts: ["ClientsTooSlow"],
    async plant({ gateway, redis }) {
      const crowd = await openCrowd(gateway.port, FROZEN_CLIENTS, "/ws?subscriptions=notifications");
      for (const { socket } of crowd) socket.pause();
      const broker = createRedisBroker({ url: redis.url, logger: silentLogger });
      await broker.start();
      let published = 0;
      const message = () => {
        published += 1;
        const data = { user_id: "u", activity_type: "trade", data: { text: "x".repeat(HEAVY_CHARS) } };
        return { topic: "notifications", type: "UserActivity" as const, id: `heavy-${published}`, data };
      };
      const end = repeatedly(async () => {
        await broker.publish(Array.from({ length: HEAVY_AT_ONCE }, message));
        await delay(HEAVY_PAUSE_MS);
      });
      return async () => {
        await end();
        disperse(crowd);
        await broker.close();
      };
    },
  },
  {
    name: "a process that does not get the core that it needs",
    alerts: ["EventLoopFull"],
    plant: ({ gateway }) =>
      Promise.resolve(
        repeatedly(async () => {
          gateway.signal("SIGSTOP");
          await delay(STOPPED_MS);
          gateway.signal("SIGCONT");
          await delay(RUNNING_MS);
        }),
      ),
  },
];
