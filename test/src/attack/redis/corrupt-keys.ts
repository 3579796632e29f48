import { setTimeout as delay } from "node:timers/promises";
import { askRedis } from "@commcoin/broker/testing";
import type { ServicesAttack } from "../attack.ts";
import { STREAM_TOPIC } from "../support/topics.ts";

const GOES_ON_WITHIN_MS = 5_000;
const POLL_MS = 50;
/** Messages that follow a damage before the next one is done. */
const PAUSE_MS = 500;
const key = (part: string): string => `commcoin:{${STREAM_TOPIC}}:${part}`;

/** Ways in which another program, or a backup that was restored in part, leaves the keys of a topic. */
const DAMAGES: readonly (readonly [what: string, ...commands: (readonly [string, ...string[]])[]])[] = [
  ["meta is a text", ["DEL", key("meta")], ["SET", key("meta"), "not a hash"]],
  ["history is a list", ["DEL", key("stream")], ["RPUSH", key("stream"), "not", "a", "stream"]],
  ["offset is no number", ["DEL", key("meta")], ["HSET", key("meta"), "offset", "many"]],
  [
    "meta is a set, and history a text",
    ["DEL", key("meta"), key("stream")],
    ["SADD", key("meta"), "x"],
    ["SET", key("stream"), "x"],
  ],
];

/** The keys of a topic in use are of another type: a lost epoch, which is told, and the topic goes on. */
export const corruptKeys: ServicesAttack = {
  name: "redis/corrupt-keys",
  scene: "services",
  on: "gateway",
  dataMayBeLost: true,
  async strike({ redis, witness }) {
    const problems: string[] = [];
    const goesOn = async (): Promise<boolean> => {
      const since = performance.timeOrigin + performance.now();
      const deadline = performance.now() + GOES_ON_WITHIN_MS;
      while (performance.now() < deadline) {
        const sent = await witness.call("sentSince", since);
        if (sent.some(({ receivedAt }) => receivedAt !== null)) return true;
        await delay(POLL_MS);
      }
      return false;
    };
    for (const [what, ...commands] of DAMAGES) {
      for (const [command, ...args] of commands) await askRedis(redis, command, ...args);
      if (!(await goesOn())) {
        problems.push(`the topic does not go on when its ${what}`);
        // So that the next damage finds a topic that is well.
        await askRedis(redis, "DEL", key("meta"), key("stream"));
        await goesOn();
      }
      await delay(PAUSE_MS);
    }
    return { tries: DAMAGES.length, what: DAMAGES.map(([what]) => what).join("; "), problems };
  },
};
