import { setTimeout as delay } from "node:timers/promises";
import type { ServicesAttack } from "../attack.ts";
import { percentile } from "../samples.ts";

const TIMES = 5;
const AWAY_MS = 2_000;
/** From the moment that Redis answers until the healthy client has something that was made after that. */
const BACK_WITHIN_MS = 500;
const POLL_MS = 10;
const PATIENCE_MS = 15_000;
const MEDIAN = 0.5;
const PAUSE_MS = 1_500;

/** Redis is killed and comes back with its append-only file, again and again. */
export const killed: ServicesAttack = {
  name: "redis/killed",
  scene: "services",
  on: "gateway",
  async strike({ redis, witness }, size) {
    const times = Math.max(2, size.count(TIMES));
    const backAfter: number[] = [];
    for (let time = 0; time < times; time += 1) {
      await redis.kill();
      await delay(AWAY_MS);
      await redis.restart();
      const from = performance.timeOrigin + performance.now();
      const first = async (): Promise<number | null> => {
        const received = (await witness.call("sentSince", from)).flatMap(
          ({ receivedAt }) => receivedAt ?? [],
        );
        return received.length === 0 ? null : Math.min(...received) - from;
      };
      const deadline = performance.now() + PATIENCE_MS;
      let back = await first();
      while (back === null && performance.now() < deadline) {
        await delay(POLL_MS);
        back = await first();
      }
      backAfter.push(back ?? PATIENCE_MS);
      await delay(PAUSE_MS);
    }
    const median = percentile(backAfter, MEDIAN);
    const allowedMs = size.judgesTime ? BACK_WITHIN_MS : PATIENCE_MS;
    return {
      tries: times,
      what: `SIGKILL, messages again after ${backAfter.map((ms) => `${ms.toFixed(0)} ms`).join(", ")}`,
      problems: median < allowedMs ? [] : [`the median of ${times} returns is ${median.toFixed(0)} ms`],
    };
  },
};
