import { expect, it } from "vitest";
import { createDamageLog } from "./damage.ts";
import { recordingLogger } from "./testing/recording-logger.ts";

it("counts everything and says so once in five seconds for each kind", () => {
  let now = 1_000;
  const { logger, lines } = recordingLogger();
  const damage = createDamageLog(logger, () => now);
  for (let n = 0; n < 1_000; n += 1) {
    damage.note("live_message", "dropped a message");
    damage.note("topic_meta", "began anew");
  }
  expect(lines).toEqual(["warn dropped a message", "warn began anew"]);
  now += 4_999;
  damage.note("live_message", "dropped a message");
  expect(lines).toHaveLength(2);
  now += 1;
  damage.note("live_message", "dropped a message");
  expect(lines).toHaveLength(3);
  expect(damage.counts().get("live_message")).toBe(1_002);
  expect(damage.counts().get("topic_meta")).toBe(1_000);
  expect(damage.counts().get("registry")).toBe(0);
});
