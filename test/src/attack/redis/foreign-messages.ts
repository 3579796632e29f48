import { setTimeout as delay } from "node:timers/promises";
import { askRedis } from "@commcoin/broker/testing";
import type { ServicesAttack } from "../attack.ts";
import { STREAM_TOPIC } from "../support/topics.ts";

const MESSAGES = 20_000;
const AT_ONCE = 100;
const PAUSE_MS = 20;

const CHANNELS = [
  "commcoin:{control}",
  "commcoin:{control}:gateway",
  "commcoin:{demand}:changed",
  `commcoin:{${STREAM_TOPIC}}:live`,
];

const MESSAGES_OF_OTHERS: readonly string[] = [
  "hello",
  "{",
  "null",
  "[]",
  '{"target":{"all":true}}',
  '{"target":{"all":true},"message":{"type":"format_disk"}}',
  '{"target":{"server_id":7},"message":{"type":"drain"}}',
  '{"target":{"all":true},"message":{"type":"question","question_id":"","reply_to":"x","question":{}}}',
  "x".repeat(300_000),
  "\u0000\u0001",
];

const PUBLISH_SOME = 'for _ = 1, ARGV[3] do redis.call("PUBLISH", ARGV[1], ARGV[2]) end';

/** What programs that share the Redis, or other versions of this one, send over its channels. */
export const foreignMessages: ServicesAttack = {
  name: "redis/foreign-messages",
  scene: "services",
  on: "gateway",
  async strike({ redis }, size) {
    const rounds = Math.max(CHANNELS.length * MESSAGES_OF_OTHERS.length, size.count(MESSAGES) / AT_ONCE);
    let tries = 0;
    for (let round = 0; round < rounds; round += 1) {
      const channel = CHANNELS[round % CHANNELS.length] ?? "";
      const message =
        MESSAGES_OF_OTHERS[Math.floor(round / CHANNELS.length) % MESSAGES_OF_OTHERS.length] ?? "";
      // Large ones are few: it is not the network that is tried.
      const count = message.length > 1_000 ? 2 : AT_ONCE;
      await askRedis(redis, "EVAL", PUBLISH_SOME, 0, channel, message, count);
      tries += count;
      await delay(PAUSE_MS);
    }
    return { tries, what: `${MESSAGES_OF_OTHERS.length} kinds of messages on ${CHANNELS.length} channels` };
  },
};
