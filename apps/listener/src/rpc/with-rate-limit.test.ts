import { expect, it } from "vitest";
import { httpError, rpcError } from "../testing/node-errors.ts";
import { createRateLimit, withRateLimit } from "./with-rate-limit.ts";

const payload = {};

function setUp() {
  let now = 0;
  let answer: Error | null = null;
  let sent = 0;
  const limit = createRateLimit(() => now);
  const transport = withRateLimit(
    <Response>() => {
      sent += 1;
      return answer === null ? Promise.resolve({ result: 1 } as Response) : Promise.reject(answer);
    },
    limit,
    () => now,
  );
  return {
    ask: () => transport({ payload }).then(() => "answered", String),
    say: (next: Error | null) => void (answer = next),
    pass: (ms: number) => void (now += ms),
    sent: () => sent,
  };
}

it("sends a node nothing until the time that it named, and tells what it said", async () => {
  const { ask, say, pass, sent } = setUp();
  say(httpError(429, "2", "slow down"));
  await ask();
  say(null);
  pass(1_999);
  expect(await ask()).toContain("slow down");
  expect(sent()).toBe(1);
  pass(1);
  expect(await ask()).toBe("answered");
});

it("pauses longer each time where a node names no time, up to five seconds, until it answers", async () => {
  const { ask, say, pass, sent } = setUp();
  const pauseAfterRefusal = async (): Promise<number> => {
    say(rpcError(-32_003, "daily request count exceeded"));
    await ask();
    const before = sent();
    for (let ms = 0; ; ms += 50) {
      await ask();
      if (sent() > before) return ms;
      pass(50);
    }
  };
  expect(await pauseAfterRefusal()).toBe(100);
  for (let n = 0; n < 10; n += 1) {
    pass(60_000);
    await ask();
  }
  pass(60_000);
  expect(await pauseAfterRefusal()).toBe(5_000);
  pass(60_000);
  say(null);
  expect(await ask()).toBe("answered");
  expect(await pauseAfterRefusal()).toBe(100);
});

it("goes on with a node that has another trouble", async () => {
  const { ask, say, sent } = setUp();
  say(rpcError(-32_005, "Node is behind by 9 slots"));
  await ask();
  await ask();
  expect(sent()).toBe(2);
});
